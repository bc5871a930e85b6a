package heddle.itest.mesh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A real curl as the client. */
final class Curl {
    private Curl() {}

    /** @param exit curl's own exit status: 0, 7 refused, 28 timeout, 52 empty reply, 56 broken */
    record Reply(int exit, int status, String head, String body) {
        /** A response header. */
        Optional<String> header(String name) {
            return head.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip()).findFirst();
        }

        /** A fact that {@link Echo} tells. */
        Optional<String> fact(String name) {
            return body.lines().filter(line -> line.startsWith(name + "=")).map(line -> line.substring(name.length() + 1)).findFirst();
        }

        /** A request header as the backend received it. */
        Optional<String> received(String name) {
            return body.lines().filter(line -> line.startsWith(name + ":")).map(line -> line.substring(name.length() + 1).strip()).findFirst();
        }

        String backend() {
            return fact("backend").orElse("none");
        }
    }

    static Reply get(String url, String... args) {
        return get(List.of(), url, args);
    }

    /** One request; the reply's head is the last one (after any 100). */
    static Reply get(List<String> prefix, String url, String... args) {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of("curl", "-s", "-i", "-m", "30", "--path-as-is"));
        words.addAll(List.of(args));
        words.add(url);
        Command.Result result = Command.of(words).run();
        return parse(result);
    }

    private static Reply parse(Command.Result result) {
        String rest = result.out();
        String head = "";
        int status = 0;
        while (rest.startsWith("HTTP/")) {
            int end = rest.indexOf("\r\n\r\n");
            head = end < 0 ? rest : rest.substring(0, end);
            rest = end < 0 ? "" : rest.substring(end + 4);
            status = Integer.parseInt(head.split("[ \r]", 3)[1]);
            if (status != 100) {
                break;
            }
        }
        return new Reply(result.status(), status, head, rest);
    }

    /** Any curl command line as it is; output in {@link Command.Result#out()}. */
    static Command.Result raw(List<String> prefix, Duration limit, String... args) {
        List<String> words = new ArrayList<>(prefix);
        words.add("curl");
        words.addAll(List.of(args));
        return Command.of(words).run(limit);
    }
}
