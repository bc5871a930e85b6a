package heddle.itest.bpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Client and backend processes (peer.c, compiled once with cc). */
final class Peer {
    private static Path program;

    private Peer() {}

    private static synchronized Path program() throws Exception {
        if (program == null) {
            Path folder = Files.createTempDirectory("heddle-peer");
            folder.toFile().deleteOnExit();
            Path built = folder.resolve("peer");
            built.toFile().deleteOnExit();
            Sandbox.run("cc", "-O2", "-pthread", "-o", built.toString(), System.getProperty("heddle.peer"));
            program = built;
        }
        return program;
    }

    /** What a client saw: numbers by name ({@code sent}, {@code Y}, {@code A}, {@code e111}, {@code peer_wrong}). */
    record Seen(Map<String, Long> counts) {
        long of(String name) {
            return counts.getOrDefault(name, 0L);
        }

        long errors() {
            return counts.entrySet().stream().filter(e -> e.getKey().matches("e[0-9]+")).mapToLong(Map.Entry::getValue).sum();
        }
    }

    static final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        private Running(Process process) {
            this.process = process;
            this.output = process.inputReader();
        }

        /** Waits for the first exchange of a client that was started with {@code until}. */
        void awaitBegun() throws IOException {
            String line = output.readLine();
            if (!"begun".equals(line)) throw new IOException("client said " + line);
        }

        Seen seen() throws Exception {
            String line = output.readLine();
            if (!process.waitFor(120, TimeUnit.SECONDS)) throw new IOException("client does not end");
            if (line == null) throw new IOException("client failed with exit status " + process.exitValue());
            Map<String, Long> counts = new LinkedHashMap<>();
            for (String part : line.split(" ")) counts.put(part.substring(0, part.indexOf('=')), Long.parseLong(part.substring(part.indexOf('=') + 1)));
            return new Seen(counts);
        }

        @Override public void close() {
            process.destroyForcibly();
        }
    }

    static Running start(String role, Object... settings) throws Exception {
        List<String> command = new ArrayList<>(List.of(program().toString(), role));
        for (Object setting : settings) command.add(setting.toString());
        Running running = new Running(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
        if (role.equals("server") && !"ready".equals(running.output.readLine())) throw new IOException("backend did not start");
        return running;
    }

    static Seen client(Object... settings) throws Exception {
        return start("client", settings).seen();
    }
}
