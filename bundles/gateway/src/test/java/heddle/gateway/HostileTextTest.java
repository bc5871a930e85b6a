package heddle.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever text comes, the decoder answers with problems: no exception, no hang, no flood. */
@Timeout(120)
class HostileTextTest {
    private static final String[] WORDS = {"apiVersion: ", "gateway.networking.k8s.io/v1", "kind: ", "HTTPRoute", "Service", "metadata: ", "{name: r}", "spec:", "rules:",
        "- ", "matches: ", "[{path: {value: /a}}]", "&a ", "*a", "<<: *a", "\n", "\n  ", "\n    ", "---\n", "...\n", "%YAML 1.2\n", "? ", ": ", "|\n", ">-\n", "\"", "'", "\\u00",
        "[", "]", "{", "}", ",", "#", "!!java.io.File ", "!!binary ", "\t", "null", "~", "0x", ".inf", "1e999", "-", "\u0000", "\ud800", "\u2028", "é", "@", "`", "items: ", "List", "v1"};
    private static final String GOOD = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, labels: {a: b}}
            spec:
              parentRefs: [{group: "", kind: Service, name: a, port: 80}]
              rules:
              - matches: [{path: {type: Exact, value: /a}, headers: [{name: x, value: y}], method: GET}]
                filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /b}, statusCode: 301}}]
                timeouts: {request: 1s}
            """;

    private final ManifestDecoder decoder = new ManifestDecoder();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void randomWordsAreNoCatastrophe(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append(WORDS[random.nextInt(WORDS.length)]);
            }
            survives(text.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedManifestsAreNoCatastrophe(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 1_500; round++) {
            StringBuilder text = new StringBuilder(GOOD);
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, WORDS[random.nextInt(WORDS.length)]);
                    default -> text.setCharAt(at, (char) random.nextInt(256));
                }
            }
            survives(text.toString());
        }
    }

    private void survives(String text) {
        assertThatCode(() -> {
            Decoded decoded = decoder.decode("t.yaml", text);
            assertThat(decoded.problems().size()).isLessThan(1_000);
            assertThat(decoded.problems()).allSatisfy(problem -> assertThat(problem.message()).doesNotContain("Exception").isNotBlank());
        }).as(text).doesNotThrowAnyException();
    }

    @Test void aBillionLaughsIsStoppedByCounting() {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [").append(Given.times(10, "*a" + (i - 1))).append("]\n");
        }
        assertThat(decoder.decode("t.yaml", text.toString()).problems()).singleElement().asString().contains("has more than");
    }

    @Test void depthIsBounded() {
        assertThat(decoder.decode("t.yaml", "[".repeat(5_000)).problems()).singleElement().asString().contains("is nested deeper than 100");
        assertThat(decoder.decode("t.json", "{\"a\":".repeat(5_000)).problems()).singleElement().asString().contains("is nested deeper than 100");
    }

    @Test void aTagMakesNoObjectAndAliasesWork() {
        Decoded decoded = decoder.decode("t.yaml", """
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: &n shop
                  labels: {a: *n, b: !!java.io.File "/etc/passwd"}
                """);
        assertThat(decoded.problems()).singleElement().asString().contains("metadata.labels.b: \"/etc/passwd\"");
        assertThat(decoder.decode("t.yaml", "a: *nowhere\n").problems()).singleElement().asString().contains("uses alias *nowhere, which is not defined");
    }

    @Test void mergeKeysAreRead() {
        Decoded decoded = decoder.decode("t.yaml", """
                apiVersion: v1
                kind: Namespace
                metadata:
                  labels: &l {a: b, c: d}
                  annotations: {<<: *l, c: own}
                  name: shop
                """);
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.objects().getFirst().metadata().annotations()).containsOnly(java.util.Map.entry("a", "b"), java.util.Map.entry("c", "own"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: 1\na: 2\n", "{\"a\": 1, \"a\": 2}"})
    void aFieldTwiceIsAProblem(String text) {
        assertThat(decoder.decode("t.yaml", text).problems()).singleElement().asString().contains("has field \"a\" twice in one object");
    }

    /** Each shape is checked in time linear in the text: no pattern that can be made to backtrack. */
    @Test void longStringsAreCheckedInLinearTime() {
        String value = "a".repeat(1_000_000) + " ";
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (String field : new String[] {"hostnames: ['" + value + "']", "rules: [{name: '" + value + "', matches: [{headers: [{name: a, value: '" + value
                    + "'}]}], timeouts: {request: '" + value + "'}}]"}) {
                Decoded decoded = decoder.decode("t.yaml", "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {" + field + "}}");
                assertThat(decoded.problems()).isNotEmpty().allSatisfy(problem -> assertThat(problem.toString().length()).isLessThan(400));
            }
        });
    }

    @Test void emptyDocumentsAreNothing() {
        for (String text : new String[] {"", "\n", "# only a comment\n", "---\n---\n# x\n---\n", "null\n", "~"}) {
            assertThat(decoder.decode("t.yaml", text)).as(text).isEqualTo(new Decoded(java.util.List.of(), java.util.Map.of(), java.util.List.of(), java.util.List.of(),
                    java.util.Set.of(), false));
        }
    }

    @Test void aByteOrderMarkAndWindowsLinesAreRead() {
        Decoded decoded = decoder.decode("t.yaml", "\ufeffapiVersion: v1\r\nkind: Namespace\r\nmetadata: {name: a}\r\n---\r\napiVersion: v1\r\nkind: Namespace\r\nmetadata: {name: b}\r\n");
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.objects()).hasSize(2);
        assertThat(decoded.objects().get(1).metadata().origin()).isEqualTo("t.yaml:5");
    }
}
