package heddle.itest.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One daemon with its folder of manifests, and backends beside it; each field has loopback addresses of its own. Its daemon does without the
 *  second compiler, which takes a third of the CPU of a start, unless it is to be {@link #asShipped()}.
 *  Closing ends every process and removes every file. */
final class Field implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    static final Path HOME = Path.of(System.getProperty("heddle.home", "../../launcher/target/heddle")).toAbsolutePath().normalize();
    static final Duration READY = Duration.ofSeconds(120);

    private final Path folder;
    private final String net;
    private final List<String> prefix;
    private final List<Process> backends = new ArrayList<>();
    private final List<String> settings = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>(Map.of("HEDDLE_JAVA_OPTS", "-XX:TieredStopAtLevel=1"));
    private Process daemon;
    private Path log;
    private int logged;
    private int daemons;

    /** @param prefix words before each command of ours, such as {@code nsenter --net=FILE --} */
    private Field(List<String> prefix) {
        this.prefix = List.copyOf(prefix);
        // 127.B.C: two runs on one machine do not meet
        this.net = "127." + (100 + (int) (ProcessHandle.current().pid() % 100)) + "." + NEXT.incrementAndGet();
        try {
            this.folder = Files.createTempDirectory("heddle-itest");
            Files.createDirectories(manifests());
            this.log = folder.resolve("daemon.log");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Field onBind() {
        return onBind(List.of());
    }

    static Field onBind(List<String> prefix) {
        Field field = new Field(prefix);
        field.set("steering", "bind");
        return field;
    }

    /** On steer-bind and ready: Service {@code shop/one} at NET.11:8000 with one backend and one route that has these rules. */
    static Field ofOne(String rules) {
        Field field = onBind();
        field.backend("one", 101, "8080");
        field.manifest("all.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.service("shop", "one", 11, "8000:8080") + Yaml.route("shop", "all", "one", rules));
        return field.start();
    }

    static Field onEbpf(List<String> prefix) {
        Field field = new Field(prefix);
        field.set("steering", "ebpf");
        return field;
    }

    Field set(String key, String value) {
        settings.add(key + "=" + value);
        return this;
    }

    /** With the very flags of {@code heddle run}: for what depends on how code is compiled, or shall last. */
    Field asShipped() {
        environment.remove("HEDDLE_JAVA_OPTS");
        return this;
    }

    /** For the daemon's environment. */
    Field environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Path manifests() {
        return folder.resolve("manifests");
    }

    Path folder() {
        return folder;
    }

    Path socket() {
        return folder.resolve("heddle.sock");
    }

    /** An address of this field: {@code host(7)} is 127.B.C.7. */
    String host(int last) {
        return net + "." + last;
    }

    /** Puts a manifest into the watched folder, replaced in one step; {@code NET} in it stands for the field's network. */
    Field manifest(String file, String yaml) {
        try {
            Path next = Files.writeString(folder.resolve("next.tmp"), yaml.replace("NET", net));
            Files.move(next, manifests().resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    void remove(String file) {
        try {
            Files.delete(manifests().resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts a backend process and waits until it listens. */
    Process backend(List<String> before, String name, String address, String... ports) {
        List<String> words = new ArrayList<>(before);
        words.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m",
                "-cp", Echo.class.getProtectionDomain().getCodeSource().getLocation().getPath(), Echo.class.getName(), name, address));
        words.addAll(List.of(ports));
        Path log = folder.resolve("backend-" + name + "-" + backends.size() + ".log");
        try {
            Process process = Command.of(words).start(log, log);
            backends.add(process);
            Await.until("backend " + name, Duration.ofSeconds(60), () -> read(log).contains("ready"), () -> read(log));
            return process;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Process backend(String name, int host, String... ports) {
        return backend(List.of(), name, host(host), ports);
    }

    /** Starts the daemon and waits until it is ready. */
    Field start() {
        launch("daemon.log");
        ready();
        return this;
    }

    /** Starts one more daemon that takes the running one's place, and waits until it is ready; the one before is returned, perhaps still ending. */
    Process takeOver(String... more) {
        Process before = daemon;
        List<String> all = new ArrayList<>(List.of("--take-over"));
        all.addAll(List.of(more));
        launch("daemon-" + daemons + ".log", all.toArray(String[]::new));
        ready();
        return before;
    }

    private void ready() {
        Await.until("a ready daemon", READY, () -> {
            if (!daemon.isAlive()) {
                throw new AssertionError("the daemon ended with status " + daemon.exitValue() + "\n" + log());
            }
            return log().substring(logged).contains(" ready after ");
        }, this::log);
    }

    /** Starts the daemon and waits for nothing. */
    Process launch() {
        return launch("daemon.log");
    }

    /** The same with a log and options of its own. */
    Process launch(String logFile, String... more) {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of(HOME.resolve("heddle").toString(), "run", "--manifests", manifests().toString(), "--set", "controlSocket=" + socket(),
                "--set", "stateDir=" + folder.resolve("state"), "--set", "admin.address=127.0.0.1:0"));
        settings.forEach(setting -> words.addAll(List.of("--set", setting)));
        words.addAll(List.of(more));
        log = folder.resolve(logFile);
        logged = log().length();
        daemons++;
        try {
            Command command = Command.of(words).with("HEDDLE_CONTROL_SOCKET", socket().toString());
            environment.forEach(command::with);
            daemon = command.start(log, log);
            return daemon;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Process daemon() {
        return daemon;
    }

    /** Of the daemon that was started last. */
    String log() {
        return read(log);
    }

    /** The CLI against this field's daemon. */
    Command.Result heddle(String... args) {
        List<String> words = new ArrayList<>(prefix);
        words.add(HOME.resolve("heddle").toString());
        words.addAll(List.of(args));
        return Command.of(words).with("HEDDLE_CONTROL_SOCKET", socket().toString()).run();
    }

    /** What the JDK's tool says of the daemon's JVM. */
    String jcmd(String command) {
        Command.Result result = Command.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC",
                Long.toString(daemon.pid()), command).run();
        if (result.status() != 0) throw new AssertionError("jcmd " + command + ": " + result);
        return result.out();
    }

    /** SIGTERM; the exit status. */
    int stop() {
        daemon.destroy();
        try {
            if (!daemon.waitFor(45, TimeUnit.SECONDS)) {
                throw new AssertionError("the daemon did not end after SIGTERM\n" + log());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return daemon.exitValue();
    }

    void kill9() {
        daemon.destroyForcibly();
        try {
            daemon.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            if (daemon != null && daemon.isAlive()) {
                stop();
            }
        } finally {
            backends.forEach(Process::destroyForcibly);
            delete();
        }
    }

    private void delete() {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
