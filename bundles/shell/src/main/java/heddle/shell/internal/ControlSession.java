package heddle.shell.internal;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** One connection to the control socket and its Gogo session. The client sends lines:
 *  <pre>
 *  RUN COMMANDLINE            a line of Gogo: mesh:routes | grep oven
 *  CALL NAME ARG...           one command of ours; each argument in URL-safe base64, so that nothing in it is interpreted
 *  </pre>
 *  and gets the output in lines {@code 1 text} and {@code 2 text} ({@code 1-text}: no line end) and at last {@code = STATUS}. */
final class ControlSession implements Runnable {
    static final String PEER = ".peer";
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private static final int MAX_LINE = 1 << 20;
    private final SocketChannel connection;
    private final CommandProcessor processor;
    private final String peer;

    ControlSession(SocketChannel connection, CommandProcessor processor, String peer) {
        this.connection = connection;
        this.processor = processor;
        this.peer = peer;
    }

    @Override public void run() {
        try (connection) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(connection), 16 * 1024);
            BufferedReader in = new BufferedReader(new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
            Object lock = new Object();
            FramedOutput first = new FramedOutput(lock, out, '1');
            FramedOutput second = new FramedOutput(lock, out, '2');
            PrintStream text = new PrintStream(first, false, StandardCharsets.UTF_8);
            PrintStream errors = new PrintStream(second, false, StandardCharsets.UTF_8);
            try (CommandSession session = processor.createSession(InputStream.nullInputStream(), text, errors)) {
                session.put(PEER, peer);
                for (String line = line(in); line != null; line = line(in)) {
                    int status = execute(session, line, text, errors);
                    text.flush();
                    errors.flush();
                    first.finish();
                    second.finish();
                    out.write(("= " + status + "\n").getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
            }
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "control connection ended: {0}", gone.getMessage());
        }
    }

    private static @org.jspecify.annotations.Nullable String line(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') return line.toString();
            if (line.length() == MAX_LINE) throw new IOException("a line of more than " + MAX_LINE + " characters");
            line.append((char) c);
        }
        return line.isEmpty() ? null : line.toString();
    }

    private int execute(CommandSession session, String line, PrintStream text, PrintStream errors) {
        try {
            String command = gogo(session, line);
            if (line.startsWith("RUN ") && Audit.concerns(command)) Audit.line("shell " + command, peer);
            Object result = session.execute(command);
            if (result != null && !result.toString().isEmpty()) text.println(session.format(result, Converter.INSPECT));
            return 0;
        } catch (Exception failed) {
            return explain(failed, errors);
        }
    }

    private static String gogo(CommandSession session, String line) {
        if (line.startsWith("RUN ")) return line.substring(4);
        String[] words = line.split(" ");
        if (words.length < 2 || !words[0].equals("CALL") || !words[1].matches("[a-z-]+")) {
            throw new CommandFailure(CommandFailure.USAGE, "not understood; expected RUN COMMANDLINE or CALL NAME ARG...");
        }
        List<String> call = new ArrayList<>(List.of("mesh:" + words[1]));
        for (int i = 2; i < words.length; i++) {
            session.put("arg" + i, new String(Base64.getUrlDecoder().decode(words[i]), StandardCharsets.UTF_8));
            call.add("$arg" + i);
        }
        return String.join(" ", call);
    }

    private static int explain(Throwable failed, PrintStream errors) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof CommandFailure failure) {
                if (!failure.getMessage().isEmpty()) errors.println(failure.getMessage());
                return failure.status();
            }
        }
        LOG.log(Level.DEBUG, "a command failed", failed);
        errors.println(failed instanceof RuntimeException && failed.getMessage() == null ? failed.toString() : String.valueOf(failed.getMessage()));
        return CommandFailure.FAILED;
    }
}
