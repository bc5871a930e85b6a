package heddle.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.osgi.framework.BundleException;
import sun.misc.Signal;

/** {@code heddle run}: starts the bundles, says when the mesh is ready, follows the configuration, stops in order. Everything
 *  happens on the main thread, which takes its orders from one queue; signals and file watches only add to it. */
final class Daemon {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");
    private static final Duration READY_CHECK = Duration.ofMillis(200);
    private static final Duration TAKEN_UP = Duration.ofSeconds(30);
    private static final Duration TRAINING = Duration.ofSeconds(20);
    private final Installation installation;
    private final Configuration.Wish wish;
    private final boolean training;
    private final Logging logging = new Logging();
    private final ServiceManager manager = new ServiceManager();
    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private Configuration configuration;
    private Optional<Succession> succession = Optional.empty();

    private enum Order { RELOAD, STOP, LOOK }

    /** @param training stop as soon as the mesh is ready: what the JDK's AOT cache is made from */
    Daemon(Installation installation, Configuration.Wish wish, boolean training) throws IOException, ConfigurationException {
        this.installation = installation;
        this.wish = wish;
        this.training = training;
        this.configuration = read();
    }

    private Configuration read() throws IOException, ConfigurationException {
        Configuration read = Configuration.read(installation.settings(), wish);
        if (read.text("controlSocket").isEmpty()) read = read.with("controlSocket", Installation.defaultControlSocket().toString());
        if (read.text("stateDir").isEmpty()) read = read.with("stateDir", Installation.defaultState().toString());
        if (read.text("plugins.folder").isEmpty()) read = read.with("plugins.folder", Path.of(read.text("stateDir"), "plugins").toString());
        if (read.text("nodeName").isEmpty()) read = read.with("nodeName", Installation.nodeName());
        return read;
    }

    ExitStatus run() throws IOException, InterruptedException, BundleException, ConfigurationException {
        logging.apply(configuration);
        PluginTrust trust = PluginTrust.of(configuration);
        handleSignals();
        Path socket = Path.of(configuration.text("controlSocket"));
        boolean succeeds = answers(socket);
        if (succeeds && !configuration.flag("takeOver")) {
            LOG.log(Level.ERROR, "another daemon answers at {0}; take its place with --take-over, or give this one its own with --set controlSocket=PATH --set stateDir=DIR", socket);
            return ExitStatus.ALREADY_RUNNING;
        }
        succession = succeeds ? Optional.of(new Succession(socket)) : Optional.empty();
        Path cache = prepareFolders(succeeds ? Succession.beside(socket) : socket);
        BundleList list = BundleList.read(installation.home().resolve("conf/bundles.list"), installation.home().resolve("bundles"));
        Felix felix = new Felix(cache);
        ExitStatus status;
        try {
            status = start(felix, list);
            if (status == ExitStatus.OK) status = serve(felix, list, trust);
        } finally {
            manager.stopping();
            LOG.log(Level.INFO, "stopping");
            felix.stop();
            delete(cache);
        }
        LOG.log(Level.INFO, "stopped");
        return status;
    }

    /** Everything up to the last level. */
    private ExitStatus start(Felix felix, BundleList list) throws BundleException, InterruptedException {
        String steering = configuration.text("steering");
        boolean kubernetes = configuration.flag("kubernetes");
        felix.install(list, kubernetes);
        felix.start(list, BundleList.Start.ALWAYS);
        if (kubernetes) felix.start(list, BundleList.Start.KUBERNETES);
        if (!steering.equals("bind")) felix.start(list, BundleList.Start.STEERING);
        felix.startFramework();
        new Configurator(felix).put(configuration.byPid());
        felix.offer(Runnable.class, () -> orders.add(Order.RELOAD), Map.of("heddle.order", "reload"));
        felix.offer(Runnable.class, () -> orders.add(Order.STOP), Map.of("heddle.order", "stop"));
        felix.level(list.steeringLevel());
        boolean steered = felix.hasService("heddle.api.steer.Steering");
        String reason = System.getProperty("heddle.steer.refused", "eBPF steering does not work here, the log says why");
        if (System.getProperty("heddle.steer.owner") != null) {
            LOG.log(Level.ERROR, "{0}", reason);
            return ExitStatus.ALREADY_RUNNING;
        }
        if (!steered && succession.isPresent()) {
            LOG.log(Level.ERROR, "another daemon is running and only eBPF steering can take its place while it works; stop it first");
            return ExitStatus.ALREADY_RUNNING;
        }
        if (!steered && steering.equals("ebpf")) {
            LOG.log(Level.ERROR, "{0}", reason);
            LOG.log(Level.ERROR, "steering: ebpf is demanded and does not work here; --set steering=auto goes on without eBPF");
            return ExitStatus.NO_STEERING;
        }
        if (!steered) {
            if (steering.equals("auto")) LOG.log(Level.WARNING, "no eBPF steering here; listening on the Service addresses instead (steering=bind)");
            felix.start(list, BundleList.Start.FALLBACK);
        }
        felix.level(list.lastLevel());
        return ExitStatus.OK;
    }

    /** The mesh is ready again after something was started, and that is in force; not for ever, since it may lack something for other reasons. */
    private static void awaitTakenUp(Felix felix) {
        MeshReadiness readiness = new MeshReadiness(felix);
        long end = System.nanoTime() + TAKEN_UP.toNanos();
        while (!readiness.state().ready() && System.nanoTime() - end < 0) LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        readiness.awaitInForce(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }

    private ExitStatus serve(Felix felix, BundleList list, PluginTrust trust) throws IOException, InterruptedException {
        PluginStore store = new PluginStore(Path.of(configuration.text("stateDir"), "plugin-copies"));
        try (PluginFolder plugins = new PluginFolder(Path.of(configuration.text("plugins.folder")), store, trust, new PluginBundles(felix.context(), list.lastLevel()), () -> awaitTakenUp(felix));
             AutoCloseable watch = watchConfiguration()) {
            felix.offer(Function.class, new PluginOrders(plugins), Map.of("heddle.order", "plugins"));
            MeshReadiness readiness = new MeshReadiness(felix);
            try (AutoCloseable published = readiness.follow(() -> orders.add(Order.LOOK))) {
                boolean ended = awaitReady(felix, readiness, training ? TRAINING : configuration.flag("takeOver") ? configuration.duration("takeOverLimit") : Duration.ofDays(10_000));
                if (!ended && !training) return notTakenOver(readiness);
            }
            if (training) return ExitStatus.OK;
            compareBundles();
            while (true) {
                switch (orders.take()) {
                    case STOP -> {
                        return ExitStatus.OK;
                    }
                    case RELOAD -> reload(felix);
                    case LOOK -> { }
                }
            }
        } catch (IOException | InterruptedException | RuntimeException passed) {
            throw passed;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** For ever beside the daemon before would be an upgrade that nobody sees fail. */
    private ExitStatus notTakenOver(MeshReadiness readiness) {
        LOG.log(Level.ERROR, "not ready within takeOverLimit={0}: {1}", configuration.text("takeOverLimit"), String.join("; ", readiness.state().missing()));
        LOG.log(Level.ERROR, "this daemon ends; one that was at work here goes on, and has the control socket");
        return ExitStatus.FAILED;
    }

    /** Beside the traffic, since nothing waits for it: one line when the bundles are not those that were built. */
    private void compareBundles() {
        Thread check = Thread.ofPlatform().daemon().name("heddle-bundle-lock").unstarted(() -> {
            try {
                String difference = new BundleLock(installation.home()).difference();
                if (!difference.isEmpty()) LOG.log(Level.WARNING, "{0}", difference);
            } catch (IOException unreadable) {
                LOG.log(Level.WARNING, "the bundles cannot be compared with conf/bundles.lock: {0}", unreadable);
            }
        });
        check.setPriority(Thread.MIN_PRIORITY);
        check.start();
    }

    /** Looks at the mesh when a snapshot is published, and now and then for the other parts of readiness, until it is ready, an order
     *  comes, or the limit.
     *  @return false when that was the limit */
    private boolean awaitReady(Felix felix, MeshReadiness readiness, Duration limit) throws InterruptedException {
        long giveUp = System.nanoTime() + limit.toNanos();
        long complainAt = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (true) {
            MeshReadiness.State state = readiness.state();
            if (state.ready()) {
                LOG.log(Level.INFO, "ready after {0} s {1} socket={2}", sinceStart(), state.summary(), configuration.text("controlSocket"));
                manager.ready(state.summary());
                if (succession.isPresent()) succession.get().complete();
                return true;
            }
            if (System.nanoTime() > complainAt) {
                LOG.log(Level.WARNING, "not ready yet: {0}", String.join("; ", state.missing()));
                complainAt = Long.MAX_VALUE;
            }
            if (System.nanoTime() - giveUp > 0) return false;
            Order order = orders.poll(READY_CHECK.toMillis(), TimeUnit.MILLISECONDS);
            if (order == Order.STOP) {
                orders.add(order);
                return true;
            }
            if (order == Order.RELOAD) reload(felix);
        }
    }

    /** Seconds since the process began, the script included. By the kernel's clock: the JDK counts from the boot time, which the kernel
     *  tells in whole seconds only. */
    private static String sinceStart() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            long begun = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
            String uptime = Files.readString(Path.of("/proc/uptime"));
            long hundredths = Long.parseLong(uptime.substring(0, uptime.indexOf(' ')).replace(".", "")) - begun;
            return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10;
        } catch (IOException noProc) {
            return "?";
        }
    }

    private void reload(Felix felix) {
        manager.reloading();
        try {
            Configuration fresh = read();
            List<Setting> now = new ArrayList<>();
            for (Setting setting : configuration.differing(fresh)) {
                if (setting.reloadable()) now.add(setting);
                else LOG.log(Level.WARNING, "{0} has changed: it takes effect after a restart", setting.key());
            }
            configuration = configuration.taking(now, fresh);
            logging.apply(configuration);
            new Configurator(felix).put(configuration.byPid());
            LOG.log(Level.INFO, "configuration reloaded changed={0}", now.stream().map(Setting::key).toList());
        } catch (ConfigurationException bad) {
            bad.problems().forEach(problem -> LOG.log(Level.ERROR, "{0}", problem));
            LOG.log(Level.ERROR, "the configuration stays as it was");
        } catch (IOException bad) {
            LOG.log(Level.ERROR, "the configuration stays as it was: " + bad.getMessage());
        }
        manager.ready("reloaded");
    }

    private AutoCloseable watchConfiguration() throws IOException {
        if (wish.file().isEmpty()) return () -> {};
        Path file = wish.file().get().toAbsolutePath();
        byte[][] last = {content(file)};
        return new FolderWatch("heddle-config", file.getParent(), Duration.ofMillis(50), () -> {
            byte[] now = content(file);
            if (now.length == 0 || java.util.Arrays.equals(now, last[0])) return;
            last[0] = now;
            orders.add(Order.RELOAD);
        });
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException | UncheckedIOException gone) {
            return new byte[0];
        }
    }

    private void handleSignals() {
        Signal.handle(new Signal("HUP"), signal -> orders.add(Order.RELOAD));
        for (String name : List.of("TERM", "INT")) {
            boolean[] before = new boolean[1];
            Signal.handle(new Signal(name), signal -> {
                if (before[0]) java.lang.Runtime.getRuntime().halt(128 + signal.getNumber());
                before[0] = true;
                orders.add(Order.STOP);
            });
        }
    }

    /** Whether a daemon listens there; what is left of a killed one is removed. */
    static boolean answers(Path socket) throws IOException {
        if (!Files.exists(socket)) return false;
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (java.net.ConnectException nobody) {
            Files.deleteIfExists(socket);
            return false;
        }
    }

    /** @return the framework's cache, one for each control socket, so that several daemons can share a state folder */
    private Path prepareFolders(Path socket) throws IOException {
        Path run = socket.toAbsolutePath().getParent();
        Path state = Path.of(configuration.text("stateDir"));
        try {
            for (Path folder : List.of(run, state)) {
                if (!Files.isDirectory(folder)) Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
        } catch (IOException bad) {
            throw new IOException("cannot make " + bad.getMessage() + " (choose others with --set stateDir=DIR --set controlSocket=PATH)", bad);
        }
        return state.resolve("cache-" + HexFormat.of().toHexDigits(socket.toString().hashCode()));
    }

    private static void delete(Path folder) {
        if (!Files.isDirectory(folder)) return;
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException left) {
            LOG.log(Level.DEBUG, "left behind: {0}", left.getMessage());
        }
    }
}
