package heddle.itest.mesh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs one program to its end. */
final class Command {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<String> words;
    private final Map<String, String> environment = new HashMap<>();

    private Command(List<String> words) {
        this.words = List.copyOf(words);
    }

    static Command of(String... words) {
        return new Command(List.of(words));
    }

    static Command of(List<String> words) {
        return new Command(words);
    }

    Command with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    record Result(int status, String out, String err) {
        @Override
        public String toString() {
            return "status " + status + "\n" + out + err;
        }
    }

    Result run() {
        return run(LIMIT);
    }

    Result run(Duration limit) {
        Path out = temporary("out");
        Path err = temporary("err");
        try {
            Process process = start(out, err);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(words + " still ran after " + limit + "\n" + Files.readString(out) + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(words + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(words + " was interrupted", e);
        } finally {
            out.toFile().delete();
            err.toFile().delete();
        }
    }

    /** Starts it and returns at once; both streams go to files. */
    Process start(Path out, Path err) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile())).redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Path temporary(String kind) {
        try {
            return Files.createTempFile("heddle-itest", "." + kind);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
