package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.osgi.Builder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.osgi.service.component.annotations.Component;

/** The filter of plugins-sdk/archetype as its project makes it: the sources filled in, compiled against the distribution's API alone, made a
 *  bundle by its bnd.bnd. itest/mesh's SdkIT does the same with Maven, from {@code archetype:generate} on. */
final class ArchetypeProject {
    private static final Path TEMPLATE = Path.of("../../plugins-sdk/archetype/src/main/resources/archetype-resources").toAbsolutePath().normalize();
    private static final String PACKAGE = "example.acme";

    private ArchetypeProject() {}

    static Path bundle(Path folder) throws Exception {
        Path api = Distribution.HOME.resolve("bundles/heddle-api.jar");
        Path source = Files.writeString(folder.resolve("HeaderStamp.java"), filled("src/main/java/HeaderStamp.java"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path annotations = Path.of(Component.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-d", classes.toString(), "-cp", api + File.pathSeparator + annotations, source.toString())).isZero();
        try (Builder builder = new Builder()) {
            builder.setProperties(Files.writeString(folder.resolve("bnd.bnd"), filled("bnd.bnd")).toFile());
            builder.setProperty("Private-Package", PACKAGE);
            builder.setClasspath(new File[] {classes.toFile(), api.toFile()});
            builder.build();
            assertThat(builder.getErrors()).isEmpty();
            Path jar = folder.resolve("hello.jar");
            builder.getJar().write(jar.toFile());
            return jar;
        }
    }

    private static String filled(String name) throws IOException {
        return Files.readString(TEMPLATE.resolve(name)).replaceFirst("^#set.*\n", "").replace("${package}", PACKAGE).replace("${group}", PACKAGE).replace("${groupId}", PACKAGE).replace("${artifactId}", "hello").replace("${kind}", "filter");
    }
}
