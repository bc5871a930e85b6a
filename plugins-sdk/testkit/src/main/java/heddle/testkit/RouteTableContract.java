package heddle.testkit;

import static heddle.testkit.Rules.grpc;
import static heddle.testkit.Rules.http;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.Candidate.NamedPredicate;
import heddle.api.match.Compiled;
import heddle.api.match.Explanation;
import heddle.api.match.GivenRequest;
import heddle.api.match.RequestHead;
import heddle.api.match.RouteCompiler;
import heddle.api.model.PathMatch;
import heddle.api.model.ValueMatch;
import heddle.testkit.Rules.Http;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link RouteCompiler} must do: SPEC.md §3 and §4, a test a row. Extend it and give your compiler. */
public abstract class RouteTableContract {
    private static final Optional<Instant> OLD = Optional.of(Instant.parse("2024-01-01T00:00:00Z"));
    private static final Optional<Instant> NEW = Optional.of(Instant.parse("2025-01-01T00:00:00Z"));

    protected abstract RouteCompiler compiler();

    /** The route that wins; {@code explain} must agree. */
    protected final String winner(Rules rules, RequestHead request) {
        Compiled compiled = compiler().compile(rules.candidates());
        assertThat(compiled.refused()).isEmpty();
        int rule = compiled.table().match(request);
        Explanation explanation = compiled.table().explain(request);
        assertThat(explanation.winner().map(c -> c.rule()).orElse(-1)).as("explain and match").isEqualTo(rule);
        assertThat(explanation.verdicts()).as("explain names every candidate").hasSize(rules.candidates().size());
        return rules.route(rule);
    }

    private boolean matches(Http match, RequestHead request) {
        return winner(new Rules().add("only", match.match()), request).equals("only");
    }

    private static GivenRequest get(String target) throws BadPathException {
        return GivenRequest.of("GET", target);
    }

    // §4 Matches

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"/abc, true", "/abc/, false", "/Abc, false", "/abcd, false", "/ab, false", "/abc/d, false", "/%61bc, true", "/x/../abc, true", "/abc?x=1, true"})
    void m1ExactPathIsTheWholePathCaseSensitive(String target, boolean matches) throws BadPathException {
        assertThat(matches(http().exact("/abc"), get(target))).isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0} under {1}: {2}")
    @CsvSource({"/abc, /abc, true", "/abc/, /abc, true", "/abc/def, /abc, true", "/abcd, /abc, false", "/Abc, /abc, false", "/ab, /abc, false", "/, /abc, false",
        "/abc, /abc/, true", "/abc/, /abc/, true", "/abc/def, /abc/, true", "/abcd, /abc/, false", "/abc//def, /abc, true", "/a/b/c, /a/b, true", "/a/bc, /a/b, false",
        "/, /, true", "/x, /, true", "//x, /, true", "/a%2Fb, /a, false", "/a%2fb/c, /a, false"})
    void m2PrefixGoesByWholeElements(String target, String prefix, boolean matches) throws BadPathException {
        assertThat(matches(http().prefix(prefix), get(target))).isEqualTo(matches);
    }

    @Test
    void m4NoMatchMatchesEverything() throws BadPathException {
        assertThat(matches(http(), get("/any/thing"))).isTrue();
        assertThat(matches(http(), GivenRequest.of("DELETE", "/"))).isTrue();
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({"OPTIONS, *, any", "CONNECT, shop:443, any", "GET, http://shop/x/y, under", "GET, http://shop, prefix", "OPTIONS, /x, under", "GET, /x, under"})
    void m5TargetWithoutPathMatchesOnlyARuleWithoutPathMatch(String method, String target, String route) throws BadPathException {
        Rules rules = new Rules().add("any", http().match()).add("under", http().prefix("/x").match()).add("regex", http().regex(".*q?").header("x", "y").match());
        String expected = route.equals("prefix") ? "any" : route;
        assertThat(winner(rules, GivenRequest.of(method, target).with("X", "z"))).isEqualTo(expected);
        assertThat(winner(new Rules().add("regex", http().regex(".*").match()), GivenRequest.of("OPTIONS", "*"))).isEqualTo("miss");
    }

    @Test
    void m5RuleValuesAreNormalisedAsRequestsAre() throws BadPathException {
        assertThat(matches(http().exact("/caf%c3%a9"), get("/caf%C3%A9"))).isTrue();
        assertThat(matches(http().prefix("/caf%c3%a9/"), get("/caf%c3%a9/x"))).isTrue();
        assertThat(matches(http().prefix("/%7Ejoe"), get("/~joe/x"))).isTrue();
    }

    @Test
    void m6ConditionsOfOneMatchAreAndMatchesAreOr() throws BadPathException {
        Rules rules = new Rules().add("both", http().prefix("/a").header("x", "1").match()).add("both", http().query("q", "1").match());
        assertThat(winner(rules, get("/a").with("x", "1"))).isEqualTo("both");
        assertThat(winner(rules, get("/a"))).isEqualTo("miss");
        assertThat(winner(rules, get("/b").with("x", "1"))).isEqualTo("miss");
        assertThat(winner(rules, get("/b?q=1"))).isEqualTo("both");
    }

    @Test
    void m7HeaderNamesIgnoreCaseValuesDoNot() throws BadPathException {
        assertThat(matches(http().header("x-env", "prod"), get("/").with("X-ENV", "prod"))).isTrue();
        assertThat(matches(http().header("x-env", "prod"), get("/").with("x-env", "Prod"))).isFalse();
        assertThat(matches(http().header("x-env", "prod"), get("/"))).isFalse();
    }

    @Test
    void m7RepeatedHeadersAreJoined() throws BadPathException {
        GivenRequest request = get("/").with("X-A", "1").with("x-a", "2");
        assertThat(matches(http().header("x-a", "1, 2"), request)).isTrue();
        assertThat(matches(http().header("x-a", "1"), request)).isFalse();
    }

    @ParameterizedTest(name = "Host: {0} for {1}: {2}")
    @CsvSource({"shop, shop, true", "shop:80, shop, true", "shop:80, shop:80, true", "shop, shop:80, false", "shop:81, shop:80, false", "shop.ns, shop, false",
        "[::1]:80, [::1], true", "[::1], [::1], true", "[::1]:80, [::1]:80, true"})
    void m7HostIgnoresThePortUnlessTheValueNamesOne(String host, String value, boolean matches) throws BadPathException {
        assertThat(matches(http().header("host", value), get("/").with("Host", host))).isEqualTo(matches);
    }

    @ParameterizedTest(name = "Host: {0} for {1}: {2}")
    @CsvSource({"shop:80, sh.p, true", "shop, sh.p, true", "shop:80, sh.p:80, true", "shop, sh.p:80, false", "xshop, sh.p, false"})
    void m7HostPatternMayNameThePort(String host, String pattern, boolean matches) throws BadPathException {
        assertThat(matches(http().header(new ValueMatch.Regex("host", pattern)), get("/").with("Host", host))).isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0} with {1}={2}: {3}")
    @CsvSource({"/?a=1, a, 1, true", "/?A=1, a, 1, false", "/?a=1&a=2, a, 1, true", "/?a=1&a=2, a, 2, false", "/?b=2&a=1, a, 1, true", "/?%61=%31, a, 1, true",
        "/?a=%C3%A9, a, é, true", "/?a=x+y, a, x+y, true", "/?a=x%20y, a, x y, true", "/?a=1%26b%3D2, a, 1&b=2, true", "/?a=b=c, a, b=c, true", "/?aa=1, a, 1, false",
        "/?%61=1&a=2, a, 2, false", "/, a, 1, false", "/?a=%zz, a, %zz, true", "/?&&a=1, a, 1, true"})
    void m8QueryParameterIsTheFirstOfItsNameDecoded(String target, String name, String value, boolean matches) throws BadPathException {
        assertThat(matches(http().query(name, value), get(target))).isEqualTo(matches);
    }

    @Test
    void m8EmptyQueryValue() throws BadPathException {
        assertThat(matches(http().query("a", ""), get("/?a"))).isTrue();
        assertThat(matches(http().query("a", ""), get("/?a="))).isTrue();
        assertThat(matches(http().query("a", ""), get("/?b"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
    void m9Methods(String method) throws BadPathException {
        assertThat(matches(http().method(method), GivenRequest.of(method, "/"))).isTrue();
        assertThat(matches(http().method(method), GivenRequest.of("PURGE", "/"))).isFalse();
    }

    @ParameterizedTest(name = "{0} matches {1}: {2}")
    @CsvSource(quoteCharacter = '`', value = {"/v[0-9]+/x, /v12/x, true", "/v[0-9]+, /v12/x, false", "v[0-9], /v1, false", "/a|/b, /b, true", "/a|/b, /bb, false", "/users/\\d+, /users/77, true",
        "/users/(joe|ann)/.*, /users/ann/, true", "/users/(joe|ann)/.*, /users/bob/, false", "/a/?, /a, true", "/a/?, /a/, true", "^/a/b$, /a/b, true", "/a\\.b/c, /a.b/c, true",
        "/a\\.b/c, /axb/c, false", "/a/b*, /a/, true", "/ab{0}/c, /a/c, true", "/ab?/c, /a/c, true", "(?i)/ABC/d, /abc/D, true", "/(a+)+$, /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab, false",
        "/x/a|/y/b, /y/b, true", "/x/\\Qa.b\\E/c, /x/a.b/c, true", "`/p/[|]/q`, /p/|/q, true"})
    void m10PatternMatchesTheWholePath(String pattern, String target, boolean matches) throws BadPathException {
        assertThat(matches(http().regex(pattern), get(target))).isEqualTo(matches);
    }

    @Test
    void m10PatternMatchesTheWholeValue() throws BadPathException {
        assertThat(matches(http().header(new ValueMatch.Regex("x", "a+")), get("/").with("x", "aaa"))).isTrue();
        assertThat(matches(http().header(new ValueMatch.Regex("x", "a+")), get("/").with("x", "aab"))).isFalse();
        assertThat(matches(http().header(new ValueMatch.Regex("x", ".*")), get("/"))).as("an absent header").isFalse();
        assertThat(matches(http().query(new ValueMatch.Regex("q", "[0-9]{2}")), get("/?q=12"))).isTrue();
        assertThat(matches(http().query(new ValueMatch.Regex("q", "[0-9]{2}")), get("/?q=123"))).isFalse();
    }

    @ParameterizedTest(name = "{0} {1}: {2} {3}")
    @CsvSource({"a.S, M, /a.S/M, true", "a.S, M, /a.S/m, false", "a.S, M, /a.s/M, false", "a.S, '', /a.S/M, true", "a.S, '', /a.S, false", "a.S, '', /a.S/M/x, false", "'', M, /any/M, true",
        "'', M, /any/x/M, false", "'', '', /any/M, true", "~a\\..*, '', /a.S/M, true", "~a\\..*, '', /xa.S/M, false", "'', ~Get.*, /a.S/GetX, true", "'', ~Get.*, /a.S/PutX, false",
        "a.S, ~G.*, /a.S/G, true", "~a.*, M, /ab/M, true", "~a.*, M, /ab/N, false", "'', M, //M, false"})
    void m11GrpcServiceAndMethod(String service, String method, String path, boolean matches) throws BadPathException {
        Rules rules = new Rules().add("only", grpc(service, method));
        assertThat(winner(rules, GivenRequest.of("POST", path))).isEqualTo(matches ? "only" : "miss");
    }

    @Test
    void m11GrpcHeaders() throws BadPathException {
        Rules rules = new Rules().add("only", grpc("a.S", "M", new ValueMatch.Exact("x", "1")));
        assertThat(winner(rules, GivenRequest.of("POST", "/a.S/M").with("x", "1"))).isEqualTo("only");
        assertThat(winner(rules, GivenRequest.of("POST", "/a.S/M"))).isEqualTo("miss");
    }

    @Test
    void m13UnknownTypesAndBadPatternsAreRefusedByField() throws BadPathException {
        Rules rules = new Rules()
                .add("path", http().path(new PathMatch.Unknown("Glob", "/*")).match())
                .add("header", http().header("a", "b").header(new ValueMatch.Unknown("x", "Glob", "*")).match())
                .add("query", http().query(new ValueMatch.Unknown("x", "Glob", "*")).match())
                .add("method", http().method("get").match())
                .add("path-pattern", http().regex("/(").match())
                .add("header-pattern", http().header(new ValueMatch.Regex("x", "[")).match())
                .add("query-pattern", http().query(new ValueMatch.Regex("x", "\\1")).match())
                .add("relative", http().exact("abc").match())
                .add("good", http().prefix("/good").match());
        Compiled compiled = compiler().compile(rules.candidates());
        assertThat(compiled.refused()).extracting(refusal -> refusal.candidate().route().name())
                .containsExactly("path", "header", "query", "method", "path-pattern", "header-pattern", "query-pattern", "relative");
        assertThat(compiled.refused()).extracting(refusal -> refusal.reason().split(":")[0])
                .containsExactly("path.type", "headers[1].type", "queryParams[0].type", "method", "path.value", "headers[0].value", "queryParams[0].value", "path.value");
        assertThat(rules.route(compiled.table().match(get("/good/x")))).isEqualTo("good");
        assertThat(rules.route(compiled.table().match(get("/other")))).isEqualTo("miss");
    }

    // §3 Precedence: in each row the first must win although every later key speaks for the second.

    private void outranks(Http better, Http worse, String reason, RequestHead request) {
        Rules rules = new Rules().add("a-worse", OLD, 0, worse.match()).add("b-better", NEW, 1, better.match());
        assertThat(winner(rules, request)).isEqualTo("b-better");
        assertThat(compiler().compile(rules.candidates()).table().explain(request).verdicts()).last()
                .extracting(Explanation.Verdict::reason).isEqualTo("lost by " + reason);
    }

    @Test
    void precedence1ExactPathFirst() throws BadPathException {
        GivenRequest request = get("/a?q=1").with("x", "1");
        outranks(http().exact("/a"), http().prefix("/a").method("GET").header("x", "1").query("q", "1"), "exact path", request);
        outranks(http().exact("/a"), http().regex("/a|/very/long/pattern/that/matches"), "exact path", request);
    }

    @Test
    void precedenceOfPatternsIsBetweenExactAndPrefixLongestFirst() throws BadPathException {
        outranks(http().regex("/.*"), http().prefix("/abc/def").method("GET"), "regular expression before prefix", get("/abc/def"));
        outranks(http().regex("/[a-z]+/def"), http().regex("/abc/.*").method("GET"), "longer regular expression", get("/abc/def"));
    }

    @Test
    void precedence2LongestPrefix() throws BadPathException {
        outranks(http().prefix("/a/b"), http().prefix("/a").method("GET").header("x", "1"), "longer prefix", get("/a/b/c").with("x", "1"));
        outranks(http().prefix("/a"), http().method("GET").header("x", "1"), "longer prefix", get("/a/b/c").with("x", "1"));
        outranks(http().prefix("/abc").method("GET"), http().prefix("/abc/"), "method match", get("/abc"));
    }

    @Test
    void precedence3Method() throws BadPathException {
        outranks(http().method("GET"), http().header("x", "1").header("y", "1").query("q", "1"), "method match", get("/?q=1").with("x", "1").with("y", "1"));
    }

    @Test
    void precedence4MostHeaders() throws BadPathException {
        outranks(http().header("x", "1").header("y", "1"), http().header("x", "1").query("q", "1").query("r", "1"), "more header matches",
                get("/?q=1&r=1").with("x", "1").with("y", "1"));
    }

    @Test
    void precedence5MostQueryParameters() throws BadPathException {
        outranks(http().query("q", "1").query("r", "1"), http().query("q", "1"), "more query parameter matches", get("/?q=1&r=1"));
    }

    @Test
    void precedenceOfExtensionMatchesIsAfterQueryParameters() throws BadPathException {
        NamedPredicate yes = new NamedPredicate("Yes.example.com/yes", head -> true);
        NamedPredicate no = new NamedPredicate("No.example.com/no", head -> false);
        Rules rules = new Rules().add("a-worse", OLD, 0, http().match()).add("b-better", NEW, 1, http().match(), yes).add("never", NEW, 1, http().match(), yes, no)
                .add("query", NEW, 1, http().query("q", "1").match());
        assertThat(winner(rules, get("/"))).isEqualTo("b-better");
        assertThat(winner(rules, get("/?q=1"))).isEqualTo("query");
    }

    @Test
    void precedence6OldestRouteAndNoTimestampIsYoungest() throws BadPathException {
        Rules rules = new Rules().add("a-none", Optional.empty(), 0, http().match()).add("b-new", NEW, 0, http().match()).add("c-old", OLD, 0, http().match());
        assertThat(winner(rules, get("/"))).isEqualTo("c-old");
        assertThat(winner(new Rules().add("a-none", Optional.empty(), 0, http().match()).add("b-new", NEW, 0, http().match()), get("/"))).isEqualTo("b-new");
    }

    @Test
    void precedence7NamespaceAndName() throws BadPathException {
        assertThat(winner(new Rules().add("b", OLD, 0, http().match()).add("a", OLD, 1, http().match()), get("/"))).isEqualTo("a");
        assertThat(winner(new Rules().add("b", http().match()).add("a", http().match()), get("/"))).isEqualTo("a");
    }

    @Test
    void precedence8FirstRule() throws BadPathException {
        Rules rules = new Rules().add("a", OLD, 1, http().match()).add("a", OLD, 0, http().match());
        assertThat(compiler().compile(rules.candidates()).table().match(get("/"))).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} {1} before {2} {3}: {4}")
    @CsvSource({"pkg.Service, '', '', Method, longer service", "pkg.Service, Method, pkg.Service, '', longer method", "~pkg.Servic.+, '', pkg.Service, Method, longer service",
        "pkg.Service, ~Metho.+, pkg.Service, Method, longer method", "'', Method, '', '', longer method",
        "pkg.Service, Method, ~pkg.Servic., Method, exact service before regular expression", "pkg.Service, Method, pkg.Service, ~Metho., exact method before regular expression",
        "~pkg.Servic., Method, pkg.Service, '', longer method"})
    void grpcPrecedence(String service, String method, String worseService, String worseMethod, String reason) throws BadPathException {
        Rules rules = new Rules().add("a-worse", OLD, 0, grpc(worseService, worseMethod)).add("b-better", NEW, 1, grpc(service, method));
        GivenRequest request = GivenRequest.of("POST", "/pkg.Service/Method");
        assertThat(winner(rules, request)).isEqualTo("b-better");
        assertThat(compiler().compile(rules.candidates()).table().explain(request).verdicts()).last()
                .extracting(Explanation.Verdict::reason).isEqualTo("lost by " + reason);
    }

    @Test
    void grpcPrecedenceMostHeadersThenOldest() throws BadPathException {
        GivenRequest request = GivenRequest.of("POST", "/s/m").with("x", "1");
        assertThat(winner(new Rules().add("a", OLD, 0, grpc("s", "m")).add("b", NEW, 1, grpc("s", "m", new ValueMatch.Exact("x", "1"))), request)).isEqualTo("b");
        assertThat(winner(new Rules().add("a", NEW, 0, grpc("s", "m")).add("b", OLD, 1, grpc("s", "m")), request)).isEqualTo("b");
    }

    // explain

    @Test
    void explainNamesTheFailedCondition() throws BadPathException {
        Rules rules = new Rules().add("p", http().prefix("/x").match()).add("m", http().method("POST").match()).add("h", http().header("x-env", "prod").match())
                .add("q", http().query("v", "2").match());
        Explanation explanation = compiler().compile(rules.candidates()).table().explain(get("/a/../b?v=1"));
        assertThat(explanation.winner()).isEmpty();
        assertThat(explanation.normalizedPath()).isEqualTo("/b");
        assertThat(explanation.verdicts()).extracting(v -> v.candidate().route().name() + ": " + v.reason()).containsExactlyInAnyOrder(
                "p: path /b is not under /x", "m: method GET is not POST", "h: header x-env is absent", "q: query parameter v is 1, not 2");
    }

    @Test
    void explainKeepsCandidatesThatNeverWin() throws BadPathException {
        Rules rules = new Rules().add("a", http().prefix("/x").match()).add("b", http().prefix("/x/").match());
        Explanation explanation = compiler().compile(rules.candidates()).table().explain(get("/x"));
        assertThat(explanation.verdicts()).extracting(v -> v.candidate().route().name() + ": " + v.matched() + " " + v.reason())
                .containsExactly("a: true wins", "b: true lost by name order");
    }

    @Test
    void predicatesSeeTheClient() throws BadPathException {
        NamedPredicate gold = new NamedPredicate("Tier", head -> head.client() instanceof Client.Known known && "gold".equals(known.labels().get("tier")));
        Rules rules = new Rules().add("gold", Optional.empty(), 0, http().match(), gold).add("all", http().match());
        assertThat(winner(rules, get("/").from(new Client.Known("shop", "w", "sa", Map.of("tier", "gold"))))).isEqualTo("gold");
        assertThat(winner(rules, get("/"))).isEqualTo("all");
    }

    @Test
    void anEmptySetMatchesNothing() throws BadPathException {
        assertThat(compiler().compile(List.of()).table().match(get("/"))).isEqualTo(-1);
    }
}
