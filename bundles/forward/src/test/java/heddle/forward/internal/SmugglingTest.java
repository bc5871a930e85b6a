package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of smuggling.txt against a backend that records raw bytes. A second, harmless request follows on the connection: of a
 *  refused one neither may arrive. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmugglingTest {
    private Rig rig;

    record Row(String name, int status, String bytes) {
        @Override public String toString() {
            return name + " → " + status;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (var in = SmugglingTest.class.getResourceAsStream("/smuggling.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.isBlank() || line.startsWith("#")) continue;
                String[] part = line.split(" \\| ", 3);
                rows.add(new Row(part[0], Integer.parseInt(part[1]), unescape(part[2])));
            }
        }
        return rows;
    }

    static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') {
                int star = text.indexOf('*', i);
                int end = text.indexOf('}', i);
                out.append(unescape(text.substring(star + 1, end)).repeat(Integer.parseInt(text.substring(i + 1, star))));
                i = end;
            } else if (c != '\\') {
                out.append(c);
            } else {
                char e = text.charAt(++i);
                switch (e) {
                    case 'r' -> out.append('\r');
                    case 'n' -> out.append('\n');
                    case 't' -> out.append('\t');
                    case '0' -> out.append('\0');
                    case 'x' -> {
                        out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                        i += 2;
                    }
                    default -> out.append(e);
                }
            }
        }
        return out.toString();
    }

    @BeforeAll
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterAll
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void requestIsForwardedOnceOrNotAtAll(Row row) throws Exception {
        try (RecordingBackend backend = RecordingBackend.answering(RecordingBackend.OK)) {
            rig.mesh.target.endpoints(backend.address());
            try (RawClient client = rig.client()) {
                client.send(row.bytes);
                if (row.status == 200) {
                    assertThat(client.response()).startsWith("HTTP/1.1 200 ");
                    client.send("GET /next HTTP/1.1\r\nHost: f\r\nConnection: close\r\n\r\n");
                    assertThat(client.response()).startsWith("HTTP/1.1 200 ");
                    assertThat(client.rest()).isEmpty();
                    String received = backend.received();
                    assertThat(received.split(" HTTP/1.1\r\n", -1)).hasSize(3);
                    assertThat(received).contains("\r\n\r\n").contains("Host: f").doesNotContain("onnection: host");
                } else {
                    try {
                        client.send("GET /next HTTP/1.1\r\nHost: f\r\n\r\n");
                    } catch (IOException closedAlready) {
                        // a refused request may close before the second is out
                    }
                    String answer = client.rest();
                    assertThat(answer).startsWith("HTTP/1.1 " + row.status + " ").contains("server: heddle").contains("connection: close");
                    assertThat(answer.indexOf("HTTP/1.1", 8)).as("one answer only").isNegative();
                    assertThat(backend.received()).doesNotContain("next");
                }
            }
        }
    }
}
