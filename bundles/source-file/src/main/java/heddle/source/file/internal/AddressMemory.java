package heddle.source.file.internal;

import heddle.api.model.ObjectKey;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which Service has which address, over restarts where a file is given: a line {@code namespace/name family address} each. Entries of
 *  Services that went stay, so that one that comes back is the same; the oldest knowledge may be deleted with the file. One thread. */
final class AddressMemory {
    private static final Logger LOG = System.getLogger(AddressMemory.class.getName());

    private final Optional<Path> file;
    private final Map<String, InetAddress> addresses = new TreeMap<>();
    private boolean changed;

    AddressMemory(Optional<Path> file) {
        this.file = file;
        file.ifPresent(this::load);
    }

    Optional<InetAddress> of(ObjectKey service, String family) {
        return Optional.ofNullable(addresses.get(service.path() + " " + family));
    }

    void put(ObjectKey service, String family, InetAddress address) {
        changed |= !address.equals(addresses.put(service.path() + " " + family, address));
    }

    private void load(Path path) {
        try {
            for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
                int space = line.lastIndexOf(' ');
                if (space > 0) {
                    addresses.put(line.substring(0, space), InetAddress.ofLiteral(line.substring(space + 1)));
                }
            }
        } catch (NoSuchFileException firstStart) {
            // nothing to remember yet
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "addresses of Services are not remembered from the last run: {0}: {1}", path, e);
        }
    }

    /** Writes what is new; a failure is logged and leaves the addresses right until the next start. */
    void save() {
        if (!changed || file.isEmpty()) {
            return;
        }
        Path path = file.get();
        StringBuilder out = new StringBuilder();
        addresses.forEach((name, address) -> out.append(name).append(' ').append(address.getHostAddress()).append('\n'));
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Path next = path.resolveSibling(path.getFileName() + ".next");
            Files.writeString(next, out, StandardCharsets.UTF_8);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
            changed = false;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "addresses of Services cannot be kept for the next start in {0}: {1}", path, e.toString());
        }
    }
}
