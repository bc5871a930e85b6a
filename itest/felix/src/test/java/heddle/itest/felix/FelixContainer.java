package heddle.itest.felix;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.vmOption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.UrlProvisionOption;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.ops4j.pax.exam.TestContainer;
import org.osgi.framework.Constants;

/** The distribution's bundles in a framework of its own JVM, as Pax Exam forks it; one a test class. Steering is steer-bind. The
 *  settings reach Config Admin through its folder, since there is no launcher here. */
final class FelixContainer implements BeforeAllCallback, AfterAllCallback {
    private static final Duration READY = Duration.ofSeconds(120);
    private final Path folder;
    private TestContainer container;

    FelixContainer() {
        try {
            folder = Files.createTempDirectory("heddle-felix");
        } catch (IOException bad) {
            throw new java.io.UncheckedIOException(bad);
        }
    }

    Path manifests() {
        return folder.resolve("manifests");
    }

    Shell shell() {
        return new Shell(folder.resolve("heddle.sock"));
    }

    @Override public void beforeAll(ExtensionContext context) throws Exception {
        Files.createDirectories(manifests());
        configure("heddle.shell", "controlSocket=\"" + folder.resolve("heddle.sock") + "\"");
        configure("heddle.source.file", "manifests=[\"" + manifests() + "\",]", "stateDir=\"" + folder.resolve("state") + "\"");
        configure("heddle.telemetry", "admin.address=\"127.0.0.1:0\"");
        List<Option> options = new ArrayList<>(List.of(cleanCaches(true), frameworkProperty("felix.cm.dir").value(folder.resolve("cm").toString()),
                frameworkProperty(Constants.FRAMEWORK_BSNVERSION).value(Constants.FRAMEWORK_BSNVERSION_MULTIPLE),
                vmOption("--sun-misc-unsafe-memory-access=allow"), vmOption("--enable-native-access=ALL-UNNAMED"), vmOption("-Dio.netty.leakDetection.level=paranoid"),
                frameworkStartLevel(20)));
        for (Distribution.Line line : Distribution.bundles()) {
            UrlProvisionOption option = bundle(line.jar().toUri().toString()).startLevel(line.level());
            boolean start = line.condition().isEmpty() || line.condition().equals("fallback");
            options.add(start ? option : option.noStart());
        }
        container = PaxExamRuntime.createContainer(PaxExamRuntime.createServerSystem(options.toArray(Option[]::new)));
        container.start();
        shell().awaitReady(READY);
    }

    private void configure(String pid, String... lines) throws IOException {
        Path file = folder.resolve("cm").resolve(pid.replace('.', '/') + ".config");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "service.pid=\"" + pid + "\"\nservice.bundleLocation=\"?\"\n" + String.join("\n", lines) + "\n");
    }

    @Override public void afterAll(ExtensionContext context) throws IOException {
        if (container != null) container.stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
