package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The hosts files of running `exec` programs: this machine's own lines, then the Services as the program's namespace sees them.
 *  Rewritten in place at each snapshot that changes them, because a bind mount follows the file and not its name; removed when the
 *  program has ended. Programs may outlive the daemon: their files stay when it ends, and the next one takes them over. */
final class ExecHosts implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private static final Path SYSTEM = Path.of("/etc/hosts");
    /** Namespace, which has no dots, workload, process. */
    private static final Pattern NAME = Pattern.compile("([^.]+)\\.(.+)\\.([0-9]+)");
    private final Path folder;
    private final Map<Path, ExecWorkloads.Request> entries = new ConcurrentHashMap<>();
    private @Nullable MeshInspector inspector;
    private Registration listening = () -> {};

    private static final String ACCOUNT = "# service account ";

    /** Takes over what a daemon before this one has left here. */
    ExecHosts(Path folder) throws IOException {
        this.folder = folder;
        if (!Files.isDirectory(folder)) return;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) adopt(file);
        }
    }

    private void adopt(Path file) throws IOException {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && sees(name.group(3), file)) {
            Optional<String> account = Files.readAllLines(file).stream().filter(line -> line.startsWith(ACCOUNT)).map(line -> line.substring(ACCOUNT.length())).findFirst();
            add(file, new ExecWorkloads.Request(name.group(1), name.group(2), account, Long.parseLong(name.group(3))));
        } else {
            Files.deleteIfExists(file);
        }
    }

    /** Whether the file is the process's /etc/hosts; then it is no other process that has got the same number since. */
    private static boolean sees(String pid, Path file) {
        try {
            return Files.isSameFile(Path.of("/proc", pid, "root/etc/hosts"), file);
        } catch (IOException gone) {
            return false;
        }
    }

    /** The programs that run. */
    List<ExecWorkloads.Request> programs() {
        return List.copyOf(entries.values());
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

    synchronized Path begin(ExecWorkloads.Request program) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(program.namespace() + "." + program.workload() + "." + program.pid());
        add(file, program);
        rewrite(file, program);
        return file;
    }

    private void add(Path file, ExecWorkloads.Request program) {
        entries.put(file, program);
        ProcessHandle.of(program.pid()).ifPresentOrElse(process -> process.onExit().thenRun(() -> end(file)), () -> end(file));
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
        entries.forEach((file, program) -> {
            try {
                rewrite(file, program);
            } catch (IOException bad) {
                LOG.log(Level.WARNING, "cannot bring {0} up to date: {1}", file, bad.getMessage());
            }
        });
    }

    private void rewrite(Path file, ExecWorkloads.Request program) throws IOException {
        MeshInspector mesh = inspector;
        if (mesh == null) return;
        StringBuilder text = new StringBuilder();
        if (Files.isReadable(SYSTEM)) text.append(Files.readString(SYSTEM).stripTrailing()).append('\n');
        text.append("# Services of the mesh\n");
        program.serviceAccount().ifPresent(account -> text.append(ACCOUNT).append(account).append('\n'));
        List<ServiceReport> services = mesh.services();
        HostLines.of(services, program.namespace()).forEach(line -> text.append(line).append('\n'));
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
        entries.clear();
        String[] left = folder.toFile().list();
        if (left != null && left.length == 0 && !folder.toFile().delete()) LOG.log(Level.DEBUG, "{0} stays", folder);
    }
}
