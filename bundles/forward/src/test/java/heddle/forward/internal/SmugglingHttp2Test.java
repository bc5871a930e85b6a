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

/** Every row of smuggling-h2.txt in front of an HTTP/1.1 backend that records raw bytes: what cannot be one request there becomes none, and
 *  the connection's next request is not touched by it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmugglingHttp2Test {
    private static final String GOOD = ":method=GET~:scheme=http~:path=/a~:authority=f";
    private Rig rig;

    record Row(String name, String outcome, List<RawHttp2.Field> fields, String body, List<RawHttp2.Field> trailers) {
        @Override public String toString() {
            return name + " → " + outcome;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (var in = SmugglingHttp2Test.class.getResourceAsStream("/smuggling-h2.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.isBlank() || line.startsWith("#")) continue;
                String[] part = line.split(" \\| ", -1);
                rows.add(new Row(part[0], part[1], fields(part[2].startsWith("P") ? GOOD + part[2].substring(1) : part[2]),
                        part.length > 3 ? SmugglingTest.unescape(part[3]) : "", part.length > 4 ? fields(part[4]) : List.of()));
            }
        }
        return rows;
    }

    private static List<RawHttp2.Field> fields(String text) {
        List<RawHttp2.Field> fields = new ArrayList<>();
        for (String each : SmugglingTest.unescape(text).split("~", -1)) {
            int equals = each.indexOf('=');
            fields.add(new RawHttp2.Field(each.substring(0, equals), each.substring(equals + 1)));
        }
        return fields;
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
    void aStreamIsForwardedOnceOrNotAtAll(Row row) throws Exception {
        try (RecordingBackend backend = RecordingBackend.answering(RecordingBackend.OK)) {
            rig.mesh.target.endpoints(backend.address());
            try (RawHttp2 client = new RawHttp2(rig.address())) {
                boolean body = !row.body.isEmpty();
                boolean trailers = !row.trailers.isEmpty();
                client.headers(1, row.fields, !body && !trailers);
                if (body) client.data(1, row.body, !trailers);
                if (trailers) client.headers(1, row.trailers, true);
                boolean ends = row.outcome.endsWith(", then goaway");
                assertThat(client.outcome(1)).isEqualTo(ends ? "reset" : row.outcome);
                client.headers(3, fields(GOOD.replace("/a", "/next")), true);
                assertThat(client.outcome(3)).isEqualTo(ends ? "goaway" : "200");
                String received = backend.received();
                assertThat(received).doesNotContain("/smuggled HTTP", "x-evil: 1\r\n");
                if (row.outcome.equals("200")) {
                    assertThat(received.split(" HTTP/1.1\r\n", -1)).hasSize(3);
                    assertThat(received).doesNotContainIgnoringCase("connection:").contains("/next HTTP/1.1\r\n");
                    assertThat(received.split("content-length:", -1)).hasSizeLessThanOrEqualTo(2);
                } else {
                    for (RecordingBackend.Conversation each : backend.conversations) {
                        assertThat(each.received().split(" HTTP/1.1\r\n", -1)).as(each.received()).hasSizeLessThanOrEqualTo(2);
                    }
                }
            }
        }
    }
}
