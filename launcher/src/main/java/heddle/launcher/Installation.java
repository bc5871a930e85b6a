package heddle.launcher;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Where things are: the distribution folder, and the default places on this machine. */
record Installation(Path home) {
    /** From this jar's own place, HOME/lib/heddle-launcher.jar. */
    static Installation ofThisJar() {
        try {
            Path jar = Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return new Installation(jar.getParent().getParent());
        } catch (URISyntaxException bad) {
            throw new IllegalStateException(bad);
        }
    }

    SettingsList settings() throws IOException {
        return SettingsList.read(home.resolve("conf/settings.list"));
    }

    String version() {
        try {
            return Files.readString(home.resolve("VERSION")).strip();
        } catch (IOException missing) {
            return "unknown";
        }
    }

    /** /etc/heddle/heddle.yaml, else the distribution's own. */
    Optional<Path> defaultConfig() {
        Path system = Path.of("/etc/heddle/heddle.yaml");
        if (Files.isReadable(system)) return Optional.of(system);
        Path own = home.resolve("conf/heddle.yaml");
        return Files.isReadable(own) ? Optional.of(own) : Optional.empty();
    }

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    static Path defaultControlSocket() {
        if (root()) return Path.of("/run/heddle/heddle.sock");
        return environment("XDG_RUNTIME_DIR").map(Path::of).orElse(Path.of("/tmp/heddle-" + System.getProperty("user.name"))).resolve("heddle/heddle.sock");
    }

    static Path defaultState() {
        if (root()) return Path.of("/var/lib/heddle");
        return environment("XDG_STATE_HOME").map(Path::of).orElse(Path.of(environment("HOME").orElse(System.getProperty("user.home")), ".local/state")).resolve("heddle");
    }

    /** $NODE_NAME, else the host's name. */
    static String nodeName() {
        return environment("NODE_NAME").orElseGet(() -> hostName(Path.of("/proc/sys/kernel/hostname")));
    }

    /** In lower case, as Kubernetes names nodes; "" when the host does not tell. */
    static String hostName(Path file) {
        try {
            return Files.readString(file).strip().toLowerCase(Locale.ROOT);
        } catch (IOException none) {
            return "";
        }
    }

    static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
