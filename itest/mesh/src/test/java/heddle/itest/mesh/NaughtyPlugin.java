package heddle.itest.mesh;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/** Makes plugins' bundles out of a few lines of Java, with the JDK's compiler and the distribution's own API: filters of kind
 *  {@code acme.example/<Name>} that do what they should not. */
final class NaughtyPlugin {
    private NaughtyPlugin() {}

    /** @param name  of the filter's kind and, in lower case, of the bundle
     *  @param loop  whether it opts into the event loop
     *  @param body  of onRequest: may use {@code request} and {@code exchange}, returns a FilterAction */
    static Path jar(Path folder, String name, boolean loop, String body) throws IOException {
        return jar(folder, name, loop, "", body);
    }

    /** @param create what is done before the filter is made */
    static Path jar(Path folder, String name, boolean loop, String create, String body) throws IOException {
        Path work = Files.createDirectories(folder.resolve("build-" + name));
        String source = """
                package acme.PACKAGE;
                import heddle.api.policy.*;
                public final class NAME implements FilterFactory {
                    public String type() { return "acme.example/NAME"; }
                    public Filter create(FilterSpec spec) { CREATE return new Bad(); }
                    LOOP public static final class Bad implements Filter {
                        static volatile Object kept;
                        public FilterAction onRequest(RequestEdit request, Exchange exchange) {
                            BODY
                        }
                    }
                }
                """.replace("PACKAGE", name.toLowerCase(java.util.Locale.ROOT)).replace("NAME", name).replace("LOOP", loop ? "@OnLoop" : "").replace("CREATE", create).replace("BODY", body);
        Path file = Files.writeString(work.resolve(name + ".java"), source);
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-d", work.resolve("classes").toString(), "-cp", Field.HOME.resolve("bundles/heddle-api.jar").toString(), file.toString());
        if (status != 0) throw new AssertionError("the plugin does not compile:\n" + source);
        String type = "acme." + name.toLowerCase(java.util.Locale.ROOT) + "." + name;
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "acme." + name.toLowerCase(java.util.Locale.ROOT));
        main.putValue("Bundle-Version", "1.0.0");
        main.putValue("Import-Package", "heddle.api.policy,heddle.api.match,heddle.api.model");
        main.putValue("Service-Component", "OSGI-INF/it.xml");
        Path jar = folder.resolve(name.toLowerCase(java.util.Locale.ROOT) + ".jar");
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream zip = new JarOutputStream(out, manifest)) {
            put(zip, "OSGI-INF/it.xml", """
                    <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="TYPE"><implementation class="TYPE"/>
                    <service><provide interface="heddle.api.policy.FilterFactory"/></service></scr:component>
                    """.replace("TYPE", type).getBytes(StandardCharsets.UTF_8));
            List<Path> classes;
            try (Stream<Path> files = Files.walk(work.resolve("classes"))) {
                classes = files.filter(Files::isRegularFile).toList();
            }
            for (Path each : classes) put(zip, work.resolve("classes").relativize(each).toString(), Files.readAllBytes(each));
        }
        return jar;
    }

    private static void put(JarOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }
}
