package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/METRICS.md has exactly the metrics of the bundles' MetricSpec constants, with their labels (STYLE.md, "Errors, logs, metrics"). */
class MetricsDocIT {
    private static final Path DOCUMENT = Path.of("../../docs/METRICS.md");
    private static final Pattern ROW = Pattern.compile("\\|\\s*`(heddle_\\w+)`\\s*\\|\\s*(\\w+)\\s*\\|\\s*([^|]*?)\\s*\\|.*");

    @Test void everyMetricHasItsRowAndEveryRowItsMetric() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) documented.put(row.group(1), row.group(3).strip());
        }
        assertThat(constants()).isNotEmpty().isEqualTo(documented);
    }

    private static Map<String, String> constants() throws Exception {
        Map<String, String> metrics = new TreeMap<>();
        URL[] jars = Distribution.jars().stream().map(MetricsDocIT::url).toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(jars)) {
            for (Path jar : Distribution.jars()) {
                if (!jar.getFileName().toString().startsWith("heddle-")) continue;
                for (String type : typesWithMetrics(jar)) {
                    for (Field field : Class.forName(type, true, loader).getDeclaredFields()) {
                        if (!Modifier.isStatic(field.getModifiers()) || !field.getType().getName().equals("heddle.api.telemetry.MetricSpec")) continue;
                        field.setAccessible(true);
                        Object spec = field.get(null);
                        metrics.put((String) of(spec, "name"), String.join(", ", ((List<?>) of(spec, "labels")).stream().map(String::valueOf).toList()));
                    }
                }
            }
        }
        return metrics;
    }

    private static List<String> typesWithMetrics(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().filter(entry -> entry.getName().startsWith("heddle/") && entry.getName().endsWith(".class")).filter(entry -> hasMetric(file, entry))
                    .map(entry -> entry.getName().replace('/', '.').replaceAll("\\.class$", "")).toList();
        }
    }

    private static boolean hasMetric(JarFile file, JarEntry entry) {
        try (InputStream bytes = file.getInputStream(entry)) {
            ClassModel model = ClassFile.of().parse(bytes.readAllBytes());
            return model.fields().stream().anyMatch(field -> field.flags().has(java.lang.reflect.AccessFlag.STATIC)
                    && field.fieldType().equalsString("Lheddle/api/telemetry/MetricSpec;"));
        } catch (IOException bad) {
            throw new java.io.UncheckedIOException(bad);
        }
    }

    private static Object of(Object record, String component) throws ReflectiveOperationException {
        return record.getClass().getMethod(component).invoke(record);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
