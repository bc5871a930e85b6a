package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DESIGN.md, "Who may import whom", read from every manifest and every class file of the distribution's own bundles. */
class ImportRulesIT {
    /** What each bundle may use beside {@code java.*}, the OSGi API and its own internal package. */
    private static final Map<String, List<String>> MAY = Map.ofEntries(
            Map.entry("heddle-api", List.of("heddle.api")),
            Map.entry("heddle-gateway", List.of("heddle.api", "heddle.gateway", "org.snakeyaml.engine")),
            Map.entry("heddle-core", List.of("heddle.api", "javax.crypto")),
            Map.entry("heddle-match", List.of("heddle.api", "com.google.re2j")),
            Map.entry("heddle-policy", List.of("heddle.api", "com.google.re2j")),
            Map.entry("heddle-forward", List.of("heddle.api", "io.netty", "javax.net.ssl")),
            Map.entry("heddle-steer", List.of("heddle.api", "java.lang.foreign")),
            Map.entry("heddle-steer-bind", List.of("heddle.api", "java.lang.foreign")),
            Map.entry("heddle-source-file", List.of("heddle.api", "heddle.gateway")),
            Map.entry("heddle-source-kube", List.of("heddle.api", "heddle.gateway", "io.fabric8", "tools.jackson", "com.fasterxml.jackson", "org.snakeyaml.engine", "javax.net.ssl")),
            Map.entry("heddle-telemetry", List.of("heddle.api", "io.prometheus.client", "com.sun.net.httpserver")),
            Map.entry("heddle-shell", List.of("heddle.api", "org.apache.felix.service.command", "jdk.net")));
    private static final List<String> ALL_MAY = List.of("java", "org.osgi", "org.jspecify");
    private static final Pattern IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+);");

    static Stream<Path> ours() throws IOException {
        return Distribution.jars().stream().filter(jar -> jar.getFileName().toString().startsWith("heddle-"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ours")
    void everyBundleOfOursHasItsRule(Path jar) {
        assertThat(MAY).containsKey(name(jar));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ours")
    void classFilesUseWhatTheirBundleMay(Path jar) throws IOException {
        TreeSet<String> forbidden = new TreeSet<>();
        int classes = 0;
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
                if (!entry.getName().endsWith(".class") || !entry.getName().startsWith("heddle/")) continue;
                classes++;
                try (InputStream bytes = file.getInputStream(entry)) {
                    for (String used : packages(ClassFile.of().parse(bytes.readAllBytes()))) {
                        if (!may(name(jar), used)) forbidden.add(entry.getName() + " uses " + used);
                    }
                }
            }
        }
        assertThat(classes).isPositive();
        assertThat(forbidden).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ours")
    void manifestsImportWhatTheirBundleMay(Path jar) throws IOException {
        List<String> forbidden = new ArrayList<>();
        for (String clause : clauses(jar, "Import-Package")) {
            if (!clause.contains("resolution:=optional") && !may(name(jar), clause.split(";")[0].strip())) forbidden.add(clause);
        }
        assertThat(forbidden).isEmpty();
        assertThat(clauses(jar, "Require-Bundle")).isEmpty();
        assertThat(clauses(jar, "DynamicImport-Package")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ours")
    void onlyTheApiAndTheDecoderExport(Path jar) throws IOException {
        String allowed = switch (name(jar)) {
            case "heddle-api" -> "heddle.api";
            case "heddle-gateway" -> "heddle.gateway";
            default -> "";
        };
        assertThat(clauses(jar, "Export-Package")).allSatisfy(clause -> {
            assertThat(allowed).isNotEmpty();
            assertThat(clause).startsWith(allowed).doesNotContain(".internal");
        });
    }

    @Test void everyJarIsInTheListAndNoPackageIsSplit() throws IOException {
        assertThat(Distribution.jars()).containsExactlyInAnyOrderElementsOf(Distribution.bundles().stream().map(Distribution.Line::jar).toList());
        assertThat(ours().flatMap(ImportRulesIT::packagesInside)).doesNotHaveDuplicates();
    }

    private static Stream<String> packagesInside(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(JarEntry::getName).filter(name -> name.startsWith("heddle/") && name.endsWith(".class"))
                    .map(name -> name.substring(0, name.lastIndexOf('/'))).distinct().toList().stream();
        } catch (IOException bad) {
            throw new java.io.UncheckedIOException(bad);
        }
    }

    private static TreeSet<String> packages(ClassModel model) {
        TreeSet<String> used = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry type) collect(type.asInternalName().startsWith("[") ? type.asInternalName() : "L" + type.asInternalName() + ";", used);
            if (entry instanceof NameAndTypeEntry member) collect(member.type().stringValue(), used);
        }
        model.methods().forEach(method -> collect(method.methodType().stringValue(), used));
        model.fields().forEach(field -> collect(field.fieldType().stringValue(), used));
        return used;
    }

    private static void collect(String descriptor, TreeSet<String> used) {
        for (Matcher types = IN_DESCRIPTOR.matcher(descriptor); types.find();) {
            String type = types.group(1).replace('/', '.');
            if (type.contains(".")) used.add(type.substring(0, type.lastIndexOf('.')));
        }
    }

    private static boolean may(String bundle, String used) {
        String own = bundle.replace('-', '.') + ".internal";
        List<String> granted = MAY.getOrDefault(bundle, List.of());
        if (within(used, "java.lang.foreign")) return granted.contains("java.lang.foreign");
        return within(used, own) || Stream.concat(ALL_MAY.stream(), granted.stream()).anyMatch(allowed -> within(used, allowed));
    }

    private static boolean within(String name, String prefix) {
        return name.equals(prefix) || name.startsWith(prefix + ".");
    }

    private static List<String> clauses(Path jar, String header) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = Optional.ofNullable(file.getManifest()).orElseThrow();
            String value = manifest.getMainAttributes().getValue(header);
            return value == null ? List.of() : List.of(value.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)"));
        }
    }

    private static String name(Path jar) {
        return jar.getFileName().toString().replaceAll("\\.jar$", "");
    }
}
