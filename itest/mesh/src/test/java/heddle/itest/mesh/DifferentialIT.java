package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** 50 random route sets by 100 random requests through real connections: the backend that answers, or the status, is that of an evaluator
 *  which reads SPEC.md §3 and §4 literally, and that of {@code explain}. */
class DifferentialIT {
    private static final int SETS = 50;
    private static final int REQUESTS = 100;
    private static final String[] PATHS = {"/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/b", "/a%2Fb", "/a//b", "/b/a"};
    private static final String[] METHODS = {"GET", "POST", "PUT"};
    private static final Pattern WINNER = Pattern.compile("\"outcome\": \"(?:rule \\d+ of HTTPRoute \\S+ → shop/(\\w+):8000|(\\d{3}) )");

    private record Match(String path, String type, String method, Map<String, String> headers, Map<String, String> query) {
        boolean holds(Request request) {
            return pathHolds(request.path) && (method.isEmpty() || method.equals(request.method))
                    && headers.entrySet().stream().allMatch(each -> each.getValue().equals(request.headers.get(each.getKey())))
                    && query.entrySet().stream().allMatch(each -> each.getValue().equals(request.query.get(each.getKey())));
        }

        private boolean pathHolds(String asked) {
            if (type.equals("Exact")) return asked.equals(path);
            String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
            return asked.equals(prefix) || asked.startsWith(prefix + "/");
        }
    }

    private record Rule(int route, int index, List<Match> matches, String backend) {}

    private record Request(String method, String path, Map<String, String> headers, Map<String, String> query) {
        String target() {
            StringBuilder target = new StringBuilder(path);
            query.forEach((name, value) -> target.append(target.indexOf("?") < 0 ? '?' : '&').append(name).append('=').append(value));
            return target.toString();
        }
    }

    /** SPEC.md §3, in its own order; the routes of a set are told apart by name only. */
    private static final Comparator<Map.Entry<Rule, Match>> PRECEDENCE = Comparator.<Map.Entry<Rule, Match>>comparingInt(each -> each.getValue().type.equals("Exact") ? 0 : 1)
            .thenComparingInt(each -> each.getValue().type.equals("Exact") ? 0 : -length(each.getValue().path))
            .thenComparingInt(each -> each.getValue().method.isEmpty() ? 1 : 0)
            .thenComparingInt(each -> -each.getValue().headers.size())
            .thenComparingInt(each -> -each.getValue().query.size())
            .thenComparingInt(each -> each.getKey().route)
            .thenComparingInt(each -> each.getKey().index);

    private static int length(String prefix) {
        return prefix.endsWith("/") ? prefix.length() - 1 : prefix.length();
    }

    private static String expected(List<Rule> rules, Request request) {
        Optional<Map.Entry<Rule, Match>> best = rules.stream().flatMap(rule -> rule.matches.stream().map(match -> Map.entry(rule, match)))
                .filter(each -> each.getValue().holds(request)).min(PRECEDENCE);
        return best.map(each -> each.getKey().backend).orElse("404");
    }

    @Test
    void realConnectionsPlainEvaluatorAndExplainAgree() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<List<Rule>> sets = new ArrayList<>();
        List<String> different = new ArrayList<>();
        int answered = 0;
        try (Field field = Field.onBind()) {
            StringBuilder services = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                String name = List.of("one", "two", "three").get(i);
                field.backend(name, 101 + i, "8080");
                services.append(Yaml.workload("shop", name, 101 + i, name)).append(Yaml.service("shop", name, 91 + i, "8000:8080"));
            }
            for (int set = 0; set < SETS; set++) {
                List<Rule> rules = rules(random);
                sets.add(rules);
                services.append(Yaml.service("shop", "s" + set, 1 + set, "8000:8080"));
                for (int route = 0; route < 3; route++) {
                    int number = route;
                    services.append("---\n").append(Yaml.route("shop", "r" + set + "-" + route, "s" + set, yaml(rules.stream().filter(rule -> rule.route == number).toList())));
                }
            }
            field.manifest("all.yaml", services.toString());
            field.start();
            try (Ask ask = new Ask(field.socket())) {
                for (int set = 0; set < SETS; set++) {
                    try (Connection connection = new Connection(field.host(1 + set))) {
                        for (int i = 0; i < REQUESTS; i++) {
                            Request request = request(random);
                            String expected = expected(sets.get(set), request);
                            String real = connection.send(request);
                            String explained = explained(ask, "http://s" + set + ".shop:8000" + request.target(), request);
                            if (!real.equals(expected) || !explained.equals(expected)) {
                                different.add("set " + set + " " + request + ": expected " + expected + ", answered " + real + ", explained " + explained);
                            }
                            if (!expected.equals("404")) answered++;
                        }
                    }
                }
            }
        }
        assertThat(different).as("seed " + seed).isEmpty();
        assertThat(answered).as("requests that match something").isBetween(SETS * REQUESTS / 4, SETS * REQUESTS - 1);
    }

    private static List<Rule> rules(Random random) {
        List<Rule> rules = new ArrayList<>();
        for (int route = 0; route < 3; route++) {
            int count = 1 + random.nextInt(4);
            for (int index = 0; index < count; index++) {
                List<Match> matches = new ArrayList<>();
                for (int i = 1 + random.nextInt(2); i > 0; i--) {
                    matches.add(new Match(PATHS[random.nextInt(PATHS.length)].replace("%2F", "x").replace("//", "/"), random.nextInt(3) == 0 ? "Exact" : "PathPrefix",
                            random.nextInt(3) == 0 ? METHODS[random.nextInt(3)] : "", some(random, "x-h"), some(random, "q")));
                }
                rules.add(new Rule(route, index, matches, List.of("one", "two", "three").get(random.nextInt(3))));
            }
        }
        return rules;
    }

    private static Map<String, String> some(Random random, String prefix) {
        Map<String, String> some = new TreeMap<>();
        for (int i = 0; i < 2; i++) if (random.nextInt(4) == 0) some.put(prefix + i, Integer.toString(random.nextInt(2)));
        return some;
    }

    private static Request request(Random random) {
        return new Request(METHODS[random.nextInt(3)], PATHS[random.nextInt(PATHS.length)], some(random, "x-h"), some(random, "q"));
    }

    private static String yaml(List<Rule> rules) {
        StringBuilder yaml = new StringBuilder();
        for (Rule rule : rules) {
            yaml.append("- matches:\n");
            for (Match match : rule.matches) {
                yaml.append("  - path: {type: ").append(match.type).append(", value: \"").append(match.path).append("\"}\n");
                if (!match.method.isEmpty()) yaml.append("    method: ").append(match.method).append('\n');
                list(yaml, "headers", match.headers);
                list(yaml, "queryParams", match.query);
            }
            yaml.append("  backendRefs: [{name: ").append(rule.backend).append(", port: 8000}]\n");
        }
        return yaml.toString();
    }

    private static void list(StringBuilder yaml, String name, Map<String, String> values) {
        if (values.isEmpty()) return;
        yaml.append("    ").append(name).append(":\n");
        values.forEach((key, value) -> yaml.append("    - {name: ").append(key).append(", value: \"").append(value).append("\"}\n"));
    }

    private static String explained(Ask ask, String url, Request request) throws IOException {
        List<String> words = new ArrayList<>(List.of(request.method, url, "-o", "json"));
        request.headers.forEach((name, value) -> words.addAll(List.of("-H", name + ": " + value)));
        String text = ask.call("explain", words.toArray(String[]::new));
        Matcher winner = WINNER.matcher(text);
        return winner.find() ? winner.group(1) == null ? winner.group(2) : winner.group(1) : text;
    }

    /** A kept connection; tells the backend that answered, or the status. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        Connection(String host) throws IOException {
            socket = new Socket(host, 8000);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            in = new BufferedInputStream(socket.getInputStream());
        }

        String send(Request request) throws IOException {
            StringBuilder head = new StringBuilder(request.method + " " + request.target() + " HTTP/1.1\r\nhost: any\r\ncontent-length: 0\r\n");
            request.headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            String status = line().split(" ")[1];
            String backend = status;
            int length = 0;
            for (String line = line().toLowerCase(Locale.ROOT); !line.isEmpty(); line = line().toLowerCase(Locale.ROOT)) {
                if (line.startsWith("x-backend: ")) backend = line.substring(11);
                if (line.startsWith("content-length: ")) length = Integer.parseInt(line.substring(16));
            }
            in.skipNBytes(length);
            return backend;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) throw new IOException("the connection ended after: " + line);
                if (c != '\r') line.append((char) c);
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
