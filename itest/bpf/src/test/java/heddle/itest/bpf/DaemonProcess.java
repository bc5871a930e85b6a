package heddle.itest.bpf;

import heddle.steer.internal.SteerConfig;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@link Daemon} as a process of its own, to be killed, stopped or replaced. */
final class DaemonProcess implements AutoCloseable {
    private final Process process;
    private final List<Integer> programs;
    private final BufferedReader output;
    private final BufferedWriter input;

    DaemonProcess(SteerConfig config) throws Exception {
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto", "-XX:TieredStopAtLevel=1",
                "-Xmx128m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                Daemon.class.getName(), config.cgroupBase(), config.pinDirectory().toString(), Long.toString(config.staleAfter().toMillis()),
                Boolean.toString(config.keepOnStop())).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        output = process.inputReader();
        input = process.outputWriter();
        String said = String.valueOf(output.readLine());
        if (!said.startsWith("started [")) throw new IOException("daemon said " + said);
        programs = Arrays.stream(said.substring(9, said.length() - 1).split(", ")).map(Integer::valueOf).toList();
    }

    List<Integer> programs() {
        return programs;
    }

    private void expect(String line) throws IOException {
        String said = output.readLine();
        if (!line.equals(said)) throw new IOException("daemon said " + said + " (expected: " + line + ")");
    }

    void apply(List<String> plan) throws IOException {
        for (String line : plan) input.write(line + "\n");
        input.write("apply\n");
        input.flush();
        expect("applied");
    }

    /** An orderly end. */
    void quit() throws Exception {
        input.write("quit\n");
        input.flush();
        expect("ended");
        process.waitFor(20, TimeUnit.SECONDS);
    }

    void kill() throws Exception {
        process.destroyForcibly().waitFor();
    }

    void signal(String name) throws Exception {
        Sandbox.run("kill", "-" + name, Long.toString(process.pid()));
    }

    @Override public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
