package heddle.shell.internal;

import heddle.api.admin.MeshInspector;
import heddle.api.admin.ServiceReport;
import heddle.api.source.Registration;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The hosts files of running `exec` programs: this machine's own lines, then the Services as the program's namespace sees them.
 *  Rewritten in place at each snapshot that changes them, because a bind mount follows the file and not its name; removed when the
 *  program has ended. */
final class ExecHosts implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private static final Path SYSTEM = Path.of("/etc/hosts");
    private final Path folder;
    private final Map<Path, Entry> entries = new ConcurrentHashMap<>();
    private @Nullable MeshInspector inspector;
    private Registration listening = () -> {};

    private record Entry(String namespace, long pid) {}

    ExecHosts(Path folder) {
        this.folder = folder;
    }

    synchronized void follow(MeshInspector mesh) {
        listening.close();
        inspector = mesh;
        listening = mesh.onPublished(published -> rewriteAll());
    }

    synchronized void unfollow(MeshInspector mesh) {
        if (inspector != mesh) return;
        listening.close();
        listening = () -> {};
        inspector = null;
    }

    synchronized Path begin(String namespace, String workload, long pid) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(namespace + "." + workload + "." + pid);
        entries.put(file, new Entry(namespace, pid));
        rewrite(file, entries.get(file));
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().thenRun(() -> end(file)));
        return file;
    }

    private synchronized void end(Path file) {
        if (entries.remove(file) == null) return;
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            LOG.log(Level.WARNING, "cannot remove {0}: {1}", file, left.getMessage());
        }
    }

    private synchronized void rewriteAll() {
        entries.forEach((file, entry) -> {
            try {
                rewrite(file, entry);
            } catch (IOException bad) {
                LOG.log(Level.WARNING, "cannot bring {0} up to date: {1}", file, bad.getMessage());
            }
        });
    }

    private void rewrite(Path file, Entry entry) throws IOException {
        MeshInspector mesh = inspector;
        if (mesh == null) return;
        StringBuilder text = new StringBuilder();
        if (Files.isReadable(SYSTEM)) text.append(Files.readString(SYSTEM).stripTrailing()).append('\n');
        text.append("# Services of the mesh\n");
        List<ServiceReport> services = mesh.services();
        HostLines.of(services, entry.namespace()).forEach(line -> text.append(line).append('\n'));
        byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
        if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), content)) return;
        // Over the old content and then cut, so that no reader finds the file empty.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) channel.write(rest);
            channel.truncate(content.length);
        }
    }

    @Override public synchronized void close() {
        listening.close();
        List.copyOf(entries.keySet()).forEach(this::end);
        String[] left = folder.toFile().list();
        if (left != null && left.length == 0 && !folder.toFile().delete()) LOG.log(Level.DEBUG, "{0} stays", folder);
    }
}
