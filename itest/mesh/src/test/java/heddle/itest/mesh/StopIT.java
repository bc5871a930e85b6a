package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the end of a daemon and a new one mean for what runs: requests, tunnels, programs, the service manager. */
class StopIT {
    private Field field;

    @BeforeEach
    void prepare() {
        field = Field.onBind().set("swap.drain", "8s");
        field.backend("one", 101, "8080");
        field.manifest("shop.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.service("shop", "one", 11, "8000:8080") + Yaml.service("shop", "front", 13, "8000:8080")
                + Yaml.route("shop", "front", "front", "- backendRefs: [{name: one, port: 8000}]\n"));
    }

    @AfterEach
    void end() {
        field.close();
    }

    private String front(String path) {
        return "http://" + field.host(13) + ":8000" + path;
    }

    /** docs/OPERATIONS.md: kept connections drain up to swap.drain. */
    @Test
    void sigtermLetsHttp1AndHttp2RequestsEndAndTunnelsGoOnToTheLimit() throws Exception {
        field.start();
        try (Socket tunnel = new Socket(field.host(13), 8000)) {
            tunnel.setSoTimeout(20_000);
            send(tunnel, "GET /chat HTTP/1.1\r\nHost: front\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(head(tunnel.getInputStream())).startsWith("HTTP/1.1 101");
            Path go = field.folder().resolve("go");
            var http1 = atOnce(() -> Curl.get(front("/?until=" + go)));
            var http2 = atOnce(() -> Curl.get(front("/?until=" + go), "--http2-prior-knowledge"));
            Await.until("all three at the backend", Duration.ofSeconds(30), () -> connections(field.host(101)) >= 3);
            var status = atOnce(field::stop);
            Await.until("the stop", Duration.ofSeconds(30), () -> field.log().contains("stopping"));
            send(tunnel, "still here");
            assertThat(new String(tunnel.getInputStream().readNBytes(10), StandardCharsets.ISO_8859_1)).isEqualTo("still here");
            Files.writeString(go, "");
            assertThat(http1.get().status()).isEqualTo(200);
            assertThat(http2.get().status()).as(http2.get().toString()).isEqualTo(200);
            assertThat(http2.get().head()).startsWith("HTTP/2 200");
            assertThat(status.get()).isZero();
            assertThat(ends(tunnel)).as("the tunnel ends with the daemon").isTrue();
        }
    }

    /** On a thread of its own: the common pool has one or two, and these wait for each other. */
    private static <T> CompletableFuture<T> atOnce(Supplier<T> what) {
        return CompletableFuture.supplyAsync(what, task -> Thread.ofVirtual().start(task));
    }

    /** Issue "first usable daemon": exec's /etc/hosts is kept up to date; the daemon's restart is no reason to stop. */
    @Test
    void aProgramKeepsItsIdentityAndItsHostsOverARestart() throws Exception {
        field.start();
        Path out = field.folder().resolve("program.out");
        Path go = field.folder().resolve("go");
        Process program = Command.of(Field.HOME.resolve("heddle").toString(), "exec", "--namespace", "shop", "--workload", "runner", "--service-account", "robot", "--",
                "sh", "-c", "cat /etc/hosts; echo begun; while [ ! -e '" + go + "' ]; do sleep 0.05; done; cat /etc/hosts; echo over").with("HEDDLE_CONTROL_SOCKET", field.socket().toString())
                .start(out, out);
        try {
            Await.until("the program", Duration.ofSeconds(60), () -> text(out).contains("begun"), () -> text(out));
            assertThat(text(out)).contains(field.host(11)).doesNotContain("late.shop");
            assertThat(field.stop()).isZero();
            field.manifest("late.yaml", Yaml.service("shop", "late", 20, "8000:8080"));
            field.start();
            Await.until("the workload of the program", Duration.ofSeconds(30), () -> field.heddle("explain", "--from", "shop/runner", "GET", front("/")).status() == 0,
                    () -> field.heddle("explain", "--from", "shop/runner", "GET", front("/")).toString());
            Await.until("the new Service in its hosts", Duration.ofSeconds(30), () -> hostsFile().contains("late.shop"), this::hostsFile);
            Files.writeString(go, "");
            Await.until("the program's end", Duration.ofSeconds(30), () -> text(out).contains("over"));
            assertThat(text(out).substring(text(out).indexOf("begun"))).contains(field.host(20) + "\tlate late.shop ");
            Await.until("its hosts file gone", Duration.ofSeconds(30), () -> hostsFile().isEmpty());
        } finally {
            program.destroyForcibly();
        }
    }

    private String hostsFile() {
        try (var files = Files.list(Path.of(field.socket() + ".hosts"))) {
            return files.map(StopIT::text).reduce("", String::concat);
        } catch (IOException none) {
            return "";
        }
    }

    /** systemd's protocol, Type=notify: the messages in order, from a daemon that is started, told to reload, and stopped. */
    @Test
    void tellsTheServiceManagerWhenItIsReadyReloadsAndStops() throws Exception {
        Path socket = field.folder().resolve("notify.sock");
        Path heard = field.folder().resolve("notify.out");
        Process listener = Command.of("python3", "-u", "-c", """
                import socket, sys
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.bind(sys.argv[1])
                print("bound")
                while True: print(s.recv(4096).decode().replace("\\n", " "))
                """, socket.toString()).start(heard, heard);
        try {
            Await.until("the socket", Duration.ofSeconds(30), () -> text(heard).contains("bound"), () -> text(heard));
            field.environment("NOTIFY_SOCKET", socket.toString()).start();
            Await.until("READY=1", Duration.ofSeconds(30), () -> text(heard).contains("READY=1 MAINPID=" + field.daemon().pid()), () -> text(heard));
            Command.of("kill", "-HUP", Long.toString(field.daemon().pid())).run();
            Await.until("RELOADING=1 and READY=1 after it", Duration.ofSeconds(30), () -> text(heard).matches("(?s).*RELOADING=1.*READY=1.*"), () -> text(heard));
            assertThat(text(heard)).doesNotContain("STOPPING=1");
            assertThat(field.stop()).isZero();
            Await.until("STOPPING=1", Duration.ofSeconds(30), () -> text(heard).contains("STOPPING=1"), () -> text(heard));
        } finally {
            listener.destroyForcibly();
        }
    }

    @Test
    void theUnitFilePassesSystemdsCheck() throws Exception {
        Path unit = field.folder().resolve("heddle.service");
        Files.writeString(unit, Files.readString(Field.HOME.resolve("conf/heddle.service")).replace("/opt/heddle/heddle", Field.HOME.resolve("heddle").toString()));
        Command.Result result = Command.of("systemd-analyze", "verify", unit.toString()).run();
        assertThat(result.status()).as(result.toString()).isZero();
        assertThat(result.err()).doesNotContain("heddle.service");
    }

    @Test
    void aSecondDaemonSaysThatOneRunsAndExitsWith4() throws Exception {
        field.start();
        int before = field.log().length();
        Process first = field.daemon();
        Process second = field.launch();
        assertThat(second.waitFor()).isEqualTo(4);
        assertThat(field.log().substring(before)).contains("another daemon answers at " + field.socket()).contains("controlSocket=");
        assertThat(Curl.get(front("/")).status()).isEqualTo(200);
        first.destroy();
        assertThat(first.waitFor()).isZero();
    }

    private static long connections(String address) {
        return Command.of("ss", "-Htn", "state", "established", "dst", address).run().out().lines().count();
    }

    private static boolean ends(Socket tunnel) {
        try {
            return tunnel.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException none) {
            return "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
