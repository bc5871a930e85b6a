package heddle.shell.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.felix.service.command.Process;

/** {@code grep}: Gogo's own came with a bundle that takes standard input for itself. */
record GrepCommand() implements Command {
    @Override public String name() {
        return "grep";
    }

    @Override public String help() {
        return """
                usage: COMMAND | grep [-v] PATTERN
                The lines in which a Java regular expression is found; -v: the others. Exit status 1 when there is none.
                """;
    }

    @Override public void run(Call call) throws IOException {
        boolean others = call.flag("-v");
        Pattern pattern;
        try {
            pattern = Pattern.compile(call.argument("PATTERN"));
        } catch (PatternSyntaxException bad) {
            throw new CommandFailure(CommandFailure.USAGE, "PATTERN: " + bad.getDescription());
        }
        call.end();
        InputStream piped = Process.Utils.current().in();
        BufferedReader in = new BufferedReader(new InputStreamReader(piped, StandardCharsets.UTF_8));
        boolean found = false;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (pattern.matcher(line).find() == others) continue;
            found = true;
            call.out().println(line);
        }
        if (!found) throw new CommandFailure(CommandFailure.FAILED, "");
    }
}
