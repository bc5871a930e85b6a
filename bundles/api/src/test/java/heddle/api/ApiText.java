package heddle.api;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The exported signatures of one bundle as text: a package with its version, then every public or protected type and member, sorted. */
record ApiText(SortedMap<String, Exported> packages) {
    /** @param lines signatures; those of abstract methods that plugins implement begin with {@value #CONSUMER} */
    record Exported(String version, SortedSet<String> lines) {}

    static final String CONSUMER = "consumer ";

    static ApiText ofClasses(Path classes) throws IOException, ClassNotFoundException {
        SortedMap<String, Exported> packages = new TreeMap<>();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(classes.resolve("heddle"))) {
            files = walk.filter(file -> file.toString().endsWith(".class") && !file.getParent().endsWith("internal")).toList();
        }
        for (Path file : files) {
            if (!file.endsWith("package-info.class")) continue;
            String name = classes.relativize(file.getParent()).toString().replace('/', '.');
            packages.put(name, new Exported(annotation(file, "Lorg/osgi/annotation/versioning/Version;").orElseThrow(() -> new IOException(name + " has no @Version")), new TreeSet<>()));
        }
        for (Path file : files) {
            String name = classes.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
            if (name.endsWith("package-info")) continue;
            Class<?> type = Class.forName(name, false, ApiText.class.getClassLoader());
            if (exported(type)) describe(type, annotation(file, "Lorg/osgi/annotation/versioning/ConsumerType;").isPresent(), packages.get(type.getPackageName()).lines());
        }
        return new ApiText(packages);
    }

    private static boolean exported(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!Modifier.isPublic(each.getModifiers()) && !Modifier.isProtected(each.getModifiers())) return false;
        }
        return !type.isAnonymousClass() && !type.isLocalClass();
    }

    private static void describe(Class<?> type, boolean consumer, SortedSet<String> lines) {
        String name = type.getName();
        String permits = type.isSealed() ? " permits " + Arrays.stream(type.getPermittedSubclasses()).map(Class::getSimpleName).collect(Collectors.joining(", ")) : "";
        lines.add(name + ": " + type.toGenericString() + supertypes(type) + permits);
        for (Field field : type.getDeclaredFields()) {
            if (visible(field.getModifiers()) && !field.isSynthetic()) lines.add(name + ": " + field.toGenericString());
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) member(constructor, name, lines);
        for (Method method : type.getDeclaredMethods()) {
            if (consumer && Modifier.isAbstract(method.getModifiers())) lines.add(CONSUMER + name + ": " + method.toGenericString());
            else member(method, name, lines);
        }
    }

    private static void member(Executable member, String type, SortedSet<String> lines) {
        if (visible(member.getModifiers()) && !member.isSynthetic()) lines.add(type + ": " + member.toGenericString());
    }

    private static String supertypes(Class<?> type) {
        List<String> names = new ArrayList<>();
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class) names.add("extends " + type.getGenericSuperclass().getTypeName());
        Arrays.stream(type.getGenericInterfaces()).forEach(each -> names.add((type.isInterface() ? "extends " : "implements ") + each.getTypeName()));
        return names.isEmpty() ? "" : " " + String.join(" ", names);
    }

    private static boolean visible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** The annotation's value, or "" when it has none. */
    private static java.util.Optional<String> annotation(Path file, String descriptor) throws IOException {
        return ClassFile.of().parse(file).findAttribute(Attributes.runtimeInvisibleAnnotations()).stream().flatMap(attribute -> attribute.annotations().stream())
                .filter(annotation -> annotation.classSymbol().descriptorString().equals(descriptor)).findFirst().map(ApiText::value);
    }

    private static String value(Annotation annotation) {
        return annotation.elements().stream().map(element -> element.value() instanceof AnnotationValue.OfString text ? text.stringValue() : "").findFirst().orElse("");
    }

    static ApiText read(Path file) throws IOException {
        SortedMap<String, Exported> packages = new TreeMap<>();
        Exported current = null;
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            if (line.startsWith("package ")) {
                String[] words = line.split(" ");
                current = new Exported(words[2], new TreeSet<>());
                packages.put(words[1], current);
            } else if (!line.isBlank() && !line.startsWith("#") && current != null) {
                current.lines().add(line.strip());
            }
        }
        return new ApiText(packages);
    }

    static String bundle() {
        return "bundles/" + Path.of("").toAbsolutePath().getFileName();
    }

    String text() {
        StringBuilder text = new StringBuilder("# The exported signatures, made by `mvn -pl " + bundle() + " test -Dapi.update`; ApiSignatureTest compares. Not edited by hand.\n");
        for (Map.Entry<String, Exported> each : packages.entrySet()) {
            text.append("\npackage ").append(each.getKey()).append(' ').append(each.getValue().version()).append('\n');
            each.getValue().lines().forEach(line -> text.append("  ").append(line).append('\n'));
        }
        return text.toString();
    }
}
