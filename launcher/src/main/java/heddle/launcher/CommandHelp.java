package heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The help texts of the commands, resources beside this class: --help has to work without a daemon. */
final class CommandHelp {
    private CommandHelp() {}

    static int print(String command) throws IOException {
        try (InputStream text = CommandHelp.class.getResourceAsStream("help/" + command + ".txt")) {
            if (text == null) throw new IOException("no help for " + command);
            System.out.print(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
        return 0;
    }
}
