package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/PLUGINS.md as a test: the SDK into a repository of its own, a project from the archetype, built outside of this build against
 *  nothing but that repository, then into a running daemon, replaced, and out again. */
class SdkIT {
    private static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
    /** Issue "plugins": in force within 1 s. The machine may be busy with anything else for a while, so one of these must keep to it and the others need only
     *  come: what would break the promise (a fixed sleep, a poll) takes its time in each of them. */
    private static final int DROPS = 5;
    private static final Duration BUILD = Duration.ofMinutes(10);
    @TempDir Path temp;

    @Test
    void aProjectFromTheArchetypeBuildsAndIsInForceForTheNextRequest() throws IOException {
        Path sdk = temp.resolve("sdk");
        Path local = localRepository();
        succeed(Command.of(CHECKOUT.resolve("heddle").toString(), "sdk", "--repository", sdk.toString()));
        Files.createDirectories(temp.resolve(".mvn"));
        Files.writeString(temp.resolve(".mvn/maven.config"), "-Dmaven.repo.local=" + local + "\n");
        succeed(Command.of("env", "-C", temp.toString(), "mvn", "-q", "-B", "-ntp", "-gs", sdk.resolve("settings.xml").toString(), "org.apache.maven.plugins:maven-archetype-plugin:3.4.1:generate",
                "-DarchetypeGroupId=io.heddle", "-DarchetypeArtifactId=heddle-plugin-archetype", "-DarchetypeVersion=0.1.0-SNAPSHOT", "-DgroupId=Example.my-acme", "-DartifactId=hello"));
        Path project = temp.resolve("hello");
        try (Field field = Field.onBind()) {
            field.backend("echo", 101, "8080");
            field.manifest("shop.yaml", Yaml.service("shop", "echo", 11, "8000:8080") + Yaml.workload("shop", "echo", 101, "echo") + Yaml.service("shop", "plain", 12, "8000:8080") + """
                    ---
                    apiVersion: example.my-acme/v1
                    kind: HeaderStamp
                    metadata: {name: hello, namespace: shop}
                    spec: {header: x-stamp, value: hello}
                    """ + Yaml.route("shop", "stamped", "echo", """
                    - filters: [{type: ExtensionRef, extensionRef: {group: example.my-acme, kind: HeaderStamp, name: hello}}]
                      backendRefs: [{name: echo, port: 8000}]
                    """));
            field.start();
            String url = "http://" + field.host(11) + ":8000/";
            assertThat(Curl.get(url).status()).as("nobody offers the filter yet").isEqualTo(500);
            Path plugins = field.folder().resolve("state/plugins");
            succeed(Command.of(project.resolve("deploy").toString(), plugins.toString()));
            Await.until("the stamp", Duration.ofSeconds(60), () -> stamped(url), field::log);
            assertThat(field.heddle("plugins").out()).contains("Example.my-acme.hello", "active", "FilterFactory");

            List<Long> millis = new ArrayList<>();
            for (int drop = 0; drop < DROPS; drop++) {
                succeed(Command.of(project.resolve("deploy").toString(), "--remove", plugins.toString()));
                Await.until("the filter gone", Duration.ofSeconds(60), () -> status(url) == 500, field::log);
                Files.copy(project.resolve("target/hello.jar"), plugins.resolve(".hello.jar"));
                long start = System.nanoTime();
                Files.move(plugins.resolve(".hello.jar"), plugins.resolve("hello.jar"), StandardCopyOption.ATOMIC_MOVE);
                Await.until("the filter", Duration.ofSeconds(60), () -> status(url) == 200, field::log);
                millis.add((System.nanoTime() - start) / 1_000_000);
                assertThat(stamped(url)).isTrue();
            }
            System.out.println("a plugin dropped into the folder: in force after " + millis + " ms");
            assertThat(millis).as("drops, in ms").anySatisfy(each -> assertThat(each).isLessThan(1000));
        }
    }

    /** Asked in this process: to start curl takes longer than what is measured. */
    private static int status(String url) {
        try {
            HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(20_000);
            connection.setReadTimeout(20_000);
            return connection.getResponseCode();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean stamped(String url) {
        Curl.Reply reply = Curl.get(url);
        return reply.status() == 200 && reply.received("x-stamp").equals(java.util.Optional.of("hello"));
    }

    private static void succeed(Command command) {
        Command.Result result = command.with("MAVEN_OPTS", "-XX:TieredStopAtLevel=1").run(BUILD);
        assertThat(result.status()).as(result.toString()).isZero();
    }

    /** A Maven repository in which nothing of ours is: the user's one seen through links, without io/heddle. */
    private Path localRepository() throws IOException {
        Path users = Path.of(System.getProperty("user.home"), ".m2/repository");
        Path local = Files.createDirectories(temp.resolve("m2"));
        Files.createDirectories(local.resolve("io"));
        List<Path> folders = new ArrayList<>();
        for (Path folder : List.of(users, users.resolve("io"))) {
            if (!Files.isDirectory(folder)) continue;
            try (var children = Files.list(folder)) {
                children.filter(Files::isDirectory).forEach(folders::add);
            }
        }
        for (Path folder : folders) {
            Path name = users.relativize(folder);
            if (!name.equals(Path.of("io")) && !name.equals(Path.of("io/heddle"))) Files.createSymbolicLink(local.resolve(name), folder);
        }
        return local;
    }
}
