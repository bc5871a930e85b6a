package heddle.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.Explained;
import heddle.api.admin.ServiceReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
    @Test void recordsAreJsonObjects() {
        assertThat(Json.of(new Explained.BackendShare("shop/cart", "90 %", "ready", List.of("10.0.0.1:80")))).isEqualTo("""
                {
                  "backend": "shop/cart",
                  "percent": "90 %",
                  "state": "ready",
                  "endpoints": [
                    "10.0.0.1:80"
                  ]
                }""");
    }

    @Test void absentIsNullAndTextIsEscaped() {
        assertThat(Json.of(Map.of("a", Optional.empty(), "b", Optional.of("x\"\n\u0001"), "c", List.of()))).isEqualTo("{\n  \"a\": null,\n  \"b\": \"x\\\"\\n\\u0001\",\n  \"c\": []\n}");
    }

    @Test void tablesAreAlignedAndCarryNoControlCharacters() {
        assertThat(print(out -> new Table("A", "B").row("long name", "x\u001b[31m\ny").row("z", "").print(out))).isEqualTo("A          B\nlong name  x [31m y\nz\n");
    }

    @Test void theBareNameIsTheReadersOwnService() {
        List<ServiceReport> services = List.of(service("a", "oven", "127.96.0.1"), service("b", "oven", "127.96.0.2"), service("b", "mixer", "127.96.0.3", "fd00::3"), service("b", "headless"));
        assertThat(HostLines.of(services, "b")).containsExactly("127.96.0.1\toven.a oven.a.svc oven.a.svc.cluster.local", "127.96.0.2\toven oven.b oven.b.svc oven.b.svc.cluster.local",
                "127.96.0.3\tmixer mixer.b mixer.b.svc mixer.b.svc.cluster.local", "fd00::3\tmixer mixer.b mixer.b.svc mixer.b.svc.cluster.local");
        assertThat(HostLines.of(services, "").getFirst()).isEqualTo("127.96.0.1\toven.a oven.a.svc oven.a.svc.cluster.local");
        assertThat(HostLines.of(services, "").get(2)).startsWith("127.96.0.3\tmixer mixer.b");
    }

    @Test void framesKeepLinesOfBothStreamsApart() throws Exception {
        ByteArrayOutputStream connection = new ByteArrayOutputStream();
        Object lock = new Object();
        FramedOutput out = new FramedOutput(lock, connection, '1');
        FramedOutput err = new FramedOutput(lock, connection, '2');
        out.write("one\ntw".getBytes(StandardCharsets.UTF_8));
        err.write("bad\n".getBytes(StandardCharsets.UTF_8));
        out.write("o\n\nthree ö".getBytes(StandardCharsets.UTF_8));
        out.finish();
        err.finish();
        assertThat(connection.toString(StandardCharsets.UTF_8)).isEqualTo("1 one\n2 bad\n1 two\n1 \n1-three ö\n");
    }

    @Test void optionsMayStandAnywhere() {
        Call call = new Call("explain", List.of("GET", "--from", "a/b", "http://x", "-H", "a: 1", "-H=b: 2", "-o", "json"), System.out);
        assertThat(call.json()).isTrue();
        assertThat(call.option("--from")).contains("a/b");
        assertThat(call.options("-H")).containsExactly("a: 1", "b: 2");
        assertThat(call.argument("METHOD")).isEqualTo("GET");
        assertThat(call.argument("URL")).isEqualTo("http://x");
        call.end();
    }

    @Test void whatIsLeftOverIsAMistake() {
        Call call = new Call("status", List.of("--fast"), System.out);
        assertThatThrownBy(call::end).isInstanceOfSatisfying(CommandFailure.class, failure -> assertThat(failure.status()).isEqualTo(CommandFailure.USAGE)).hasMessageContaining("--fast");
    }

    private static ServiceReport service(String namespace, String name, String... addresses) {
        return new ServiceReport(namespace, name, List.of(addresses), List.of());
    }

    private static String print(java.util.function.Consumer<PrintStream> printer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        printer.accept(out);
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
