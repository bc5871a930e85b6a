package heddle.launcher;

import java.io.BufferedReader;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commands that ask the running daemon. */
final class Client {
    private static final PrintStream OUT = new PrintStream(new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 15), false, StandardCharsets.UTF_8);

    private Client() {}

    static int call(String command, List<String> arguments) throws IOException {
        if (arguments.contains("--help") || arguments.contains("-h")) return CommandHelp.print(command);
        List<String> rest = new ArrayList<>(arguments);
        Path socket = socket(rest);
        try (ControlClient client = new ControlClient(socket)) {
            return client.call(command, rest, OUT, System.err);
        } catch (ControlClient.NoDaemonException nobody) {
            System.err.println("heddle: " + nobody.getMessage());
            return ExitStatus.NO_DAEMON.code();
        } finally {
            OUT.flush();
        }
    }

    /** {@code shell}: the command of the arguments, or the lines of standard input; with a prompt at a terminal. */
    static int shell(List<String> arguments) throws IOException {
        if (!arguments.isEmpty() && List.of("--help", "-h").contains(arguments.getFirst())) return CommandHelp.print("shell");
        List<String> rest = new ArrayList<>(arguments);
        Path socket = socket(rest);
        try (ControlClient client = new ControlClient(socket)) {
            if (!rest.isEmpty()) return client.run(String.join(" ", rest), OUT, System.err);
            Console console = System.console();
            return console != null && console.isTerminal() ? interactive(client, console) : script(client);
        } catch (ControlClient.NoDaemonException nobody) {
            System.err.println("heddle: " + nobody.getMessage());
            return ExitStatus.NO_DAEMON.code();
        } finally {
            OUT.flush();
        }
    }

    private static int interactive(ControlClient client, Console console) throws IOException {
        OUT.println("Gogo shell of the daemon; `help` lists the commands, those of the mesh begin with mesh:, `exit` leaves.");
        OUT.flush();
        int status = 0;
        while (true) {
            String line = console.readLine("heddle> ");
            if (line == null || line.strip().equals("exit") || line.strip().equals("quit")) return status;
            if (line.isBlank()) continue;
            status = client.run(line, OUT, System.err);
        }
    }

    /** Ends at the first line that fails, with its status. */
    private static int script(ControlClient client) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isBlank() || line.strip().startsWith("#")) continue;
            int status = client.run(line, OUT, System.err);
            if (status != 0) return status;
        }
        return 0;
    }

    /** Takes {@code --control-socket PATH} out of the arguments. */
    static Path socket(List<String> arguments) {
        Optional<String> given = Optional.empty();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) break;
            if (argument.startsWith("--control-socket=")) {
                arguments.remove(i--);
                given = Optional.of(argument.substring(argument.indexOf('=') + 1));
            } else if (argument.equals("--control-socket") && i + 1 < arguments.size()) {
                arguments.remove(i);
                given = Optional.of(arguments.remove(i--));
            }
        }
        return given.or(() -> Installation.environment("HEDDLE_CONTROL_SOCKET")).map(Path::of).orElseGet(Installation::defaultControlSocket);
    }
}
