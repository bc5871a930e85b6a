package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Every line of conf/settings.list meets a component property of that PID with the same type and default. */
class SettingsListIT {
    /** Defaults that the launcher works out, since they depend on the user. */
    private static final List<String> WORKED_OUT = List.of("controlSocket", "stateDir");

    private record Property(String type, String value) {}

    @Test void defaultsAreThoseOfTheComponents() throws Exception {
        Map<String, Map<String, Property>> components = components();
        List<String> wrong = new ArrayList<>();
        for (String line : Files.readAllLines(Distribution.HOME.resolve("conf/settings.list"))) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] fields = line.split("\\|", -1);
            for (int i = 0; i < fields.length; i++) fields[i] = fields[i].strip();
            for (String target : fields[1].split(",")) {
                if (target.equals("launcher")) continue;
                String pid = target.contains("#") ? target.substring(0, target.indexOf('#')) : target.strip();
                String name = target.contains("#") ? target.substring(target.indexOf('#') + 1) : fields[0];
                Property property = components.getOrDefault(pid, Map.of()).get(name);
                if (property == null && fields[2].startsWith("list") && fields[3].isEmpty()) continue; // bnd leaves empty arrays out
                if (property == null) wrong.add(fields[0] + ": no component of " + pid + " has a property " + name);
                else if (!property.type().equals(type(fields[2]))) wrong.add(fields[0] + ": " + fields[2] + ", but the component takes " + property.type());
                else if (!WORKED_OUT.contains(fields[0]) && !bytes(fields[2], fields[3]).equals(property.value())) {
                    wrong.add(fields[0] + ": default " + fields[3] + ", but the component's is " + property.value());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static String type(String notation) {
        return switch (notation.replaceAll("\\(.*", "")) {
            case "boolean" -> "Boolean";
            case "int" -> "Integer";
            case "long", "size" -> "Long";
            case "list" -> "String[]";
            default -> "String";
        };
    }

    private static String bytes(String type, String text) {
        if (!type.startsWith("size") || !text.matches("[0-9]+[kmg]")) return text;
        int shift = switch (text.charAt(text.length() - 1)) {
            case 'k' -> 10;
            case 'm' -> 20;
            default -> 30;
        };
        return String.valueOf(Long.parseLong(text.substring(0, text.length() - 1)) << shift);
    }

    /** Properties by PID, as the components' XML has them: bnd writes the property types' defaults there. */
    private static Map<String, Map<String, Property>> components() throws Exception {
        Map<String, Map<String, Property>> components = new HashMap<>();
        for (Path jar : Distribution.jars()) {
            if (!jar.getFileName().toString().startsWith("heddle-")) continue;
            try (JarFile file = new JarFile(jar.toFile())) {
                for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
                    if (!entry.getName().startsWith("OSGI-INF/") || !entry.getName().endsWith(".xml")) continue;
                    try (InputStream xml = file.getInputStream(entry)) {
                        read(DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml).getDocumentElement(), components);
                    }
                }
            }
        }
        return components;
    }

    private static void read(Element component, Map<String, Map<String, Property>> components) throws IOException {
        String pids = component.getAttribute("configuration-pid");
        NodeList properties = component.getElementsByTagName("property");
        for (String pid : pids.split(" ")) {
            Map<String, Property> known = components.computeIfAbsent(pid, each -> new HashMap<>());
            for (int i = 0; i < properties.getLength(); i++) {
                Element property = (Element) properties.item(i);
                boolean single = property.hasAttribute("value");
                String type = property.getAttribute("type").isEmpty() ? "String" : property.getAttribute("type");
                known.put(property.getAttribute("name"), new Property(single ? type : type + "[]", single ? property.getAttribute("value") : property.getTextContent().strip().replace("\n", ",")));
            }
        }
    }
}
