package heddle.match.internal;

import static heddle.testkit.Rules.http;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.RequestHead;
import heddle.api.match.RouteTable;
import heddle.testkit.Rules;
import heddle.testkit.Rules.Http;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The work for a request does not grow with the number of routes. Work is counted in reads of the request, not in time: every test of a
 *  condition reads it. */
class ScaleTest {
    private static final int MANY = 100_000;

    enum Shape {
        HEADER_VALUE(i -> http().header("x-tenant", "t" + i), i -> get("/any").with("x-tenant", "t" + i)),
        HEADER_NAME(i -> http().header("x-tenant-" + i, "on"), i -> get("/any").with("accept", "*/*").with("x-tenant-" + i, "on").with("x-other", "1")),
        HOST(i -> http().header("host", "t" + i + ".example"), i -> get("/any").with("host", "t" + i + ".example:8080")),
        QUERY_VALUE(i -> http().query("tenant", "t" + i), i -> get("/any?a=b&tenant=t" + i)),
        QUERY_NAME(i -> http().query("tenant-" + i, "1"), i -> get("/any?a=b&tenant-" + i + "=1")),
        EXACT_PATH(i -> http().exact("/p/" + i), i -> get("/p/" + i)),
        PREFIX(i -> http().prefix("/p/" + i), i -> get("/p/" + i + "/deep/er")),
        PREFIX_AND_HEADER(i -> http().prefix("/p/" + i % 300).header("x-tenant", "t" + i / 300), i -> get("/p/" + i % 300 + "/x").with("x-tenant", "t" + i / 300)),
        PATTERN_UNDER_LITERAL(i -> http().regex("/p/" + i + "/[0-9]+"), i -> get("/p/" + i + "/77")),
        TWO_HEADERS(i -> http().header("x-a", "v" + i % 317).header("x-b", "v" + i / 317), i -> get("/").with("x-a", "v" + i % 317).with("x-b", "v" + i / 317)),
        METHOD_PATH_QUERY(i -> http().exact("/p/" + i / 2).method(i % 2 == 0 ? "GET" : "POST").query("v", "1"),
                i -> GivenRequest.of(i % 2 == 0 ? "GET" : "POST", "/p/" + i / 2 + "?v=1"));

        final IntFunction<Http> rule;
        final Request request;

        Shape(IntFunction<Http> rule, Request request) {
            this.rule = rule;
            this.request = request;
        }
    }

    interface Request {
        GivenRequest of(int i) throws BadPathException;
    }

    private static GivenRequest get(String target) throws BadPathException {
        return GivenRequest.of("GET", target);
    }

    @ParameterizedTest
    @EnumSource
    void readsOfTheRequestDoNotGrowWithTheTable(Shape shape) throws BadPathException {
        RouteTable few = table(shape, 1_000);
        RouteTable many = table(shape, MANY);
        int fewest = 0;
        for (int i = 0; i < 1_000; i += 37) fewest = Math.max(fewest, reads(few, shape, i));
        for (int i = 0; i < MANY; i += 997) assertThat(reads(many, shape, i)).as("route %s", i).isLessThanOrEqualTo(fewest + 4).isLessThan(24);
    }

    private static RouteTable table(Shape shape, int size) {
        Rules rules = new Rules();
        for (int i = 0; i < size; i++) rules.add("r" + i, shape.rule.apply(i).match());
        return new TrieRouteCompiler().compile(rules.candidates()).table();
    }

    private static int reads(RouteTable table, Shape shape, int i) throws BadPathException {
        Counting head = new Counting(shape.request.of(i));
        assertThat(table.match(head)).isEqualTo(i);
        return head.reads;
    }

    /** Counts what a table asks of a request. */
    private static final class Counting implements RequestHead {
        private final RequestHead head;
        private int reads;

        Counting(RequestHead head) {
            this.head = head;
        }

        private RequestHead read() {
            reads++;
            return head;
        }

        @Override public String method() {
            return read().method();
        }

        @Override public String target() {
            return read().target();
        }

        @Override public String path() {
            return read().path();
        }

        @Override public String query() {
            return read().query();
        }

        @Override public String authority() {
            return read().authority();
        }

        @Override public String scheme() {
            return read().scheme();
        }

        @Override public String header(String name) {
            return read().header(name);
        }

        @Override public boolean hasHeader(String name) {
            return read().hasHeader(name);
        }

        @Override public void headers(BiConsumer<String, String> each) {
            read().headers(each);
        }

        @Override public Client client() {
            return read().client();
        }
    }
}
