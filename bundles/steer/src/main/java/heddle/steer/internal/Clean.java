package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code heddle clean}: removes the links, pins and empty cgroups that a killed daemon left, and nothing else.
 *  Arguments: {@code [--pins DIR] [--cgroup BASE] [--set steer.KEY=VALUE]}. Exit 0 also when there was nothing; 1 when a daemon runs or something stays. */
public final class Clean {
    private Clean() {}

    public static void main(String[] arguments) throws IOException {
        SteerConfig config = config(arguments);
        try {
            List<Path> removed = clean(config);
            removed.forEach(path -> System.out.println("removed " + path));
            if (removed.isEmpty()) System.out.println("nothing to remove");
        } catch (IllegalStateException running) {
            System.err.println(running.getMessage());
            System.exit(1);
        }
    }

    /** {@code --set} takes the steering's own keys as the daemon does and leaves the others to those they concern. */
    static SteerConfig config(String... arguments) {
        SteerConfig config = SteerConfig.defaults();
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) throw new IllegalArgumentException("option " + arguments[i] + " needs a value");
            String[] setting = arguments[i].equals("--set") ? arguments[i + 1].split("=", 2) : new String[] {arguments[i], arguments[i + 1]};
            config = switch (setting[0]) {
                case "--pins", "steer.pinDirectory" -> new SteerConfig(config.cgroupMount(), config.cgroupBase(), Path.of(setting[1]), config.staleAfter(), false, 0, false);
                case "--cgroup", "steer.cgroup" -> new SteerConfig(config.cgroupMount(), setting[1], config.pinDirectory(), config.staleAfter(), false, 0, false);
                case "steer.cgroupMount" -> new SteerConfig(Optional.of(Path.of(setting[1])), config.cgroupBase(), config.pinDirectory(), config.staleAfter(), false, 0, false);
                default -> {
                    if (arguments[i].equals("--set")) yield config;
                    throw new IllegalArgumentException("unknown option " + arguments[i] + " (known: --pins DIR, --cgroup BASE, --set steer.KEY=VALUE)");
                }
            };
        }
        return config;
    }

    /** Removes and returns what was removed. */
    public static List<Path> clean(SteerConfig config) throws IOException {
        Pins pins = new Pins(config.pinDirectory());
        if (Pins.isBpffs(pins.base().getParent())) {
            OptionalInt cfg = Pins.open(pins.maps().resolve("mesh_cfg"));
            if (cfg.isPresent()) {
                long owner = Heartbeat.owner(new BpfMap("mesh_cfg", cfg.getAsInt(), 4, Abi.CFG.size()));
                Sys.close(cfg.getAsInt());
                if (Owner.alive(owner) && owner != Owner.self()) {
                    throw new IllegalStateException("a daemon is running as process " + Owner.pid(owner) + "; stop it first");
                }
            }
        }
        List<Path> removed = new ArrayList<>(pins.removeAll());
        Path mount = config.cgroupMount().isPresent() ? config.cgroupMount().get() : Cgroups.findMount().orElse(Path.of("/sys/fs/cgroup"));
        removed.addAll(Cgroups.removeEmpty(new Cgroups(mount, config.cgroupBase()).base()));
        return removed;
    }
}
