package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue "plugins": a swapped-out bundle's class loader is collected. 200 swaps of a filter that is used in between; the daemon's heap is
 *  asked after a full collection. */
class PluginLeakIT {
    private static final int SWAPS = 200;
    @TempDir Path temp;

    @Test
    void theClassLoadersOf200SwappedOutVersionsAreGone() throws IOException {
        try (Field field = Field.onBind().asShipped()) {
            field.backend("oven", 101, "8080");
            field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080") + """
                    ---
                    apiVersion: acme.example/v1
                    kind: Stamps
                    metadata: {name: it, namespace: shop}
                    spec: {}
                    """ + Yaml.route("shop", "oven", "oven", """
                    - filters: [{type: ExtensionRef, extensionRef: {group: acme.example, kind: Stamps, name: it}}]
                      backendRefs: [{name: oven, port: 8000}]
                    """));
            field.start();
            Path jar = NaughtyPlugin.jar(temp, "Stamps", false, "kept = request.path(); request.setHeader(\"x-version\", \"1\"); return FilterAction.CONTINUE;");
            Path other = NaughtyPlugin.jar(temp.resolve("other"), "Stamps", false, "kept = request.path(); request.setHeader(\"x-version\", \"2\"); return FilterAction.CONTINUE;");
            long before = 0;
            new Control(field.socket()).run("mesh:deploy " + other);            // before there is any filter requests fail
            Load load = new Load(field.host(11), 8000, "/", 4, 200);
            try (load; SocketChannel control = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                control.connect(UnixDomainSocketAddress.of(field.socket()));
                BufferedReader answers = new BufferedReader(new InputStreamReader(Channels.newInputStream(control), StandardCharsets.UTF_8));
                long start = 0;
                for (int swap = 0; swap < SWAPS + 20; swap++) {
                    if (swap == 20) {
                        before = classLoaders(field);                       // caches are full by now
                        start = System.nanoTime();
                    }
                    deploy(control, answers, swap % 2 == 0 ? jar : other);
                }
                System.out.printf("plugin leak: %d swaps in %.1f s, %d answers, failures %d%n", SWAPS, (System.nanoTime() - start) / 1e9, load.answers(), load.failures().size());
            }
            assertThat(load.failures()).isEmpty();
            long most = before + 2;                                         // the one in force is there
            AtomicLong after = new AtomicLong();
            Await.until("the class loaders of " + SWAPS + " versions to be collected", Duration.ofSeconds(60), () -> after.updateAndGet(last -> classLoaders(field)) <= most,
                    () -> after + ", expected at most " + most);
            System.out.println("plugin leak: bundle class loaders on the heap before " + before + ", after " + after);
        }
    }

    private static void deploy(SocketChannel control, BufferedReader answers, Path jar) throws IOException {
        control.write(ByteBuffer.wrap(("RUN mesh:deploy " + jar + "\n").getBytes(StandardCharsets.UTF_8)));
        StringBuilder text = new StringBuilder();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith("= ")) {
                assertThat(line).as(text.toString()).isEqualTo("= 0");
                return;
            }
            text.append(line).append('\n');
        }
        throw new IOException("the control socket was closed: " + text);
    }

    /** Live ones: the histogram collects first. */
    private static long classLoaders(Field field) {
        String histogram = field.jcmd("GC.class_histogram");
        Matcher line = Pattern.compile("\\d+:\\s+(\\d+)\\s+\\d+\\s+org\\.apache\\.felix\\.framework\\.BundleWiringImpl\\$BundleClassLoader\\s").matcher(histogram);
        assertThat(line.find()).as("class loaders in the histogram").isTrue();
        return Long.parseLong(line.group(1));
    }
}
