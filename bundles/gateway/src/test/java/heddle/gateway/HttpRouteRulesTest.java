package heddle.gateway;

import static heddle.gateway.Given.times;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.HttpRoute;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter;
import heddle.api.model.ValueMatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the HTTPRoute CRD (v1.6.1, experimental channel), one row each: SPEC.md A6, M3, M7, M8, M9, M12, M13, F3, F4, F6, F7, T1, T3, T9. */
class HttpRouteRulesTest {
    private static String route(String spec) {
        return "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {" + spec + "}}";
    }

    private static String rule(String rule) {
        return route("rules: [{" + rule + "}]");
    }

    private static String match(String match) {
        return rule("matches: [{" + match + "}]");
    }

    private static String filter(String filter) {
        return rule("filters: [{" + filter + "}]");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            {group: "", kind: Service, name: a}                                            | ok
            {name: a}                                                                      | ok
            {kind: Service}                                                                | spec.parentRefs[0].name: is missing
            {name: ""}                                                                     | spec.parentRefs[0].name: "" (expected: 1 to 253 characters)
            {name: a, port: 0}                                                             | spec.parentRefs[0].port: the number 0 (expected: a whole number from 1 to 65535)
            {name: a, port: 65536}                                                         | spec.parentRefs[0].port: the number 65536
            {name: a, port: "80"}                                                          | spec.parentRefs[0].port: "80" (expected: a whole number
            {name: a, group: Core!}                                                        | spec.parentRefs[0].group: "Core!"
            {name: a, kind: 1x}                                                            | spec.parentRefs[0].kind: "1x"
            {name: a, namespace: a.b}                                                      | spec.parentRefs[0].namespace: "a.b" (expected: a DNS label
            {name: a, sectionName: -x}                                                     | spec.parentRefs[0].sectionName: "-x"
            {name: a, port: 1}, {name: a, port: 2}                                         | ok
            {name: a, sectionName: x}, {name: a, sectionName: y}                           | ok
            {name: a, port: 1, sectionName: x}, {name: a, port: 1, sectionName: y}         | ok
            {name: a}, {name: b}                                                           | ok
            {name: a}, {name: a, namespace: b}                                             | ok
            {name: a}, {name: a}                                                           | spec.parentRefs[1]: names the same parent as another
            {name: a}, {name: a, port: 1}                                                  | spec.parentRefs[1]: names a parent that another parentRef names too
            {name: a, port: 1}, {name: a, sectionName: x}                                  | spec.parentRefs[1]: names a parent that another
            {name: a, port: 1}, {name: a, port: 1}                                         | spec.parentRefs[1]: names the same parent
            """)
    void parentRefs(String refs, String expected) {
        Given.expect(route("parentRefs: [" + refs + "]"), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            path: {type: Exact, value: /a/b}                   | ok
            path: {value: /}                                   | ok
            path: {type: Exact}                                | ok
            path: {}                                           | ok
            path: {type: RegularExpression, value: "a//b#"}    | ok
            path: {value: a}                                   | path.value: "a" (expected: starts with '/')
            path: {value: ""}                                  | path.value: "" (expected: starts with '/')
            path: {value: /a//b}                               | path.value: "/a//b" (expected: without //
            path: {value: /a/./b}                              | expected: without //
            path: {value: /a/../b}                             | expected: without //
            path: {value: /a%2fb}                              | expected: without //
            path: {type: Exact, value: /a%2Fb}                 | expected: without //
            path: {value: "/a#b"}                              | expected: without //
            path: {value: /a/.}                                | expected: not ending in /.
            path: {value: /a/..}                               | expected: not ending in /.
            path: {value: /a b}                                | expected: only characters of a path
            path: {value: "/a?b"}                              | expected: only characters of a path
            path: {value: /%4}                                 | expected: only characters of a path
            path: {value: /%zz}                                | expected: only characters of a path
            path: {value: "/%41~!$&'()*+,;=:@"}                | ok
            method: GET                                        | ok
            method: get                                        | matches[0].method: "get" (expected: one of GET, HEAD
            headers: [{name: A, value: b}]                     | ok
            headers: [{name: "a b", value: c}]                 | headers[0].name: "a b" (expected: an HTTP token
            headers: [{value: c}]                              | headers[0].name: is missing
            headers: [{name: a}]                               | headers[0].value: is missing
            headers: [{name: a, value: ""}]                    | headers[0].value: ""
            headers: [{name: a, value: "b c d"}]               | ok
            headers: [{name: a, value: "b  c"}]                | headers[0].value: "b  c" (expected: visible ASCII
            headers: [{name: a, value: " b"}]                  | headers[0].value: " b"
            headers: [{name: a, value: ü}]                     | headers[0].value: "ü"
            headers: [{name: a, value: 1}]                     | headers[0].value: the number 1 (expected: a string, in quotes)
            headers: [{name: a, value: x}, {name: a, value: y}]         | headers[1].name: "a" (expected: each name once)
            headers: [{name: a, value: x}, {name: A, value: y}]         | warns: headers[1]: ignored, an entry with an equivalent name
            queryParams: [{name: a, value: "any thing  é"}]    | ok
            queryParams: [{name: a, value: x}, {name: A, value: y}]     | ok
            queryParams: [{name: a, value: x}, {name: a, value: y}]     | queryParams[1].name: "a" (expected: each name once)
            colour: red                                        | warns: spec.rules[0].matches[0].colour: unknown field
            """)
    void matches(String match, String expected) {
        Given.expect(match(match), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            name: a                                                                        | ok
            name: A                                                                        | spec.rules[0].name: "A"
            backendRefs: [{name: a, port: 80}]                                             | ok
            backendRefs: [{name: a}]                                                       | backendRefs[0].port: is missing (expected: a port, since the backend is a Service)
            backendRefs: [{name: a, kind: Other}]                                          | ok
            backendRefs: [{name: a, group: x.io}]                                          | ok
            backendRefs: [{name: a, port: 80, weight: -1}]                                 | weight: the number -1 (expected: a whole number from 0 to 1000000)
            backendRefs: [{name: a, port: 80, weight: 1000000}]                            | ok
            backendRefs: [{name: a, port: 80, weight: 1000001}]                            | weight: the number 1000001
            backendRefs: [{port: 80}]                                                      | backendRefs[0].name: is missing
            backendRefs: {name: a}                                                         | spec.rules[0].backendRefs: an object (expected: a list)
            timeouts: {request: 10s, backendRequest: 2s}                                   | ok
            timeouts: {request: 2s, backendRequest: 10s}                                   | timeouts.backendRequest: "10s" (expected: no longer than timeouts.request)
            timeouts: {request: 0s, backendRequest: 10s}                                   | ok
            timeouts: {request: 1.5s}                                                      | timeouts.request: "1.5s" (expected: a duration such as
            timeouts: {request: 5}                                                         | timeouts.request: the number 5
            retry: {codes: [500, 503], attempts: 3, backoff: 100ms}                        | ok
            retry: {codes: [399]}                                                          | retry.codes[0]: the number 399 (expected: a whole number from 400 to 599)
            retry: {codes: [503, 503]}                                                     | retry.codes[1]: the number 503 (expected: each code once)
            retry: {attempts: 0}                                                           | retry.attempts: the number 0 (expected: a whole number, at least 1)
            sessionPersistence: {}                                                         | ok
            sessionPersistence: {type: Header, sessionName: s, absoluteTimeout: 1h}        | ok
            sessionPersistence: {type: Token}                                              | sessionPersistence.type: "Token" (expected: one of Cookie, Header)
            sessionPersistence: {type: Header, cookieConfig: {}}                           | sessionPersistence.cookieConfig: is set (expected: only with type Cookie)
            sessionPersistence: {cookieConfig: {lifetimeType: Permanent}}                  | sessionPersistence.absoluteTimeout: is missing (expected: a duration, since
            sessionPersistence: {cookieConfig: {lifetimeType: Permanent}, absoluteTimeout: 1h}  | ok
            """)
    void rules(String rule, String expected) {
        Given.expect(rule(rule), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}    | ok
            type: RequestHeaderModifier                                                    | filters[0].requestHeaderModifier: is missing (expected: an object, since the type is
            requestHeaderModifier: {}                                                      | filters[0].type: is missing
            type: CORS, cors: {}, urlRewrite: {}                                           | filters[0].urlRewrite: is set (expected: only with type URLRewrite)
            type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}, {name: a, value: c}]}   | set[1].name: "a" (expected: each name once)
            type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}, {name: A, value: c}]}   | warns: set[1]: ignored
            type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: "a:", value: b}]}   | add[0].name: "a:" (expected: an HTTP token
            type: RequestHeaderModifier, requestHeaderModifier: {remove: [a, a]}           | remove[1]: "a" (expected: each value once)
            type: ResponseHeaderModifier, responseHeaderModifier: {remove: [a]}            | ok
            type: RequestRedirect, requestRedirect: {}                                     | ok
            type: RequestRedirect, requestRedirect: {statusCode: 308, scheme: https, port: 8443, hostname: a.b}   | ok
            type: RequestRedirect, requestRedirect: {statusCode: 305}                      | statusCode: the number 305 (expected: one of 301, 302, 303, 307, 308)
            type: RequestRedirect, requestRedirect: {scheme: ftp}                          | scheme: "ftp" (expected: one of http, https)
            type: RequestRedirect, requestRedirect: {hostname: "*.a"}                      | hostname: "*.a" (expected: a host name in lower case, without wildcard)
            type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /x}}   | ok
            type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath}}        | path.replaceFullPath: is missing
            type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /x, replacePrefixMatch: /y}}   | path.replacePrefixMatch: is set (expected: only with type ReplacePrefixMatch)
            type: RequestRedirect, requestRedirect: {path: {replaceFullPath: /x}}          | path.type: is missing
            type: URLRewrite, urlRewrite: {hostname: a.b, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}   | ok
            type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}}          | ok
            type: RequestMirror, requestMirror: {backendRef: {name: m}}                    | requestMirror.backendRef.port: is missing
            type: RequestMirror, requestMirror: {}                                         | requestMirror.backendRef: is missing
            type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, percent: 101}   | percent: the number 101
            type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, percent: 1, fraction: {numerator: 1}}   | percent: is set beside fraction
            type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, fraction: {numerator: 3, denominator: 2}}   | fraction.numerator: the number 3 (expected: no more than denominator, 2)
            type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, fraction: {}}   | fraction.numerator: is missing
            type: CORS, cors: {allowOrigins: ["https://a.b:8080", "http://*.c"], allowMethods: [GET], allowHeaders: [x], maxAge: 1}   | ok
            type: CORS, cors: {allowOrigins: ["*", "http://a"]}                            | allowOrigins: '*' beside other values
            type: CORS, cors: {allowOrigins: ["ftp://a"]}                                  | allowOrigins[0]: "ftp://a"
            type: CORS, cors: {allowOrigins: ["http://a/"]}                                | allowOrigins[0]: "http://a/"
            type: CORS, cors: {allowMethods: [FETCH]}                                      | allowMethods[0]: "FETCH"
            type: CORS, cors: {allowMethods: ["*", GET]}                                   | allowMethods: '*' beside other values
            type: CORS, cors: {allowHeaders: ["*", x]}                                     | allowHeaders: '*' beside other values
            type: CORS, cors: {exposeHeaders: [x, x]}                                      | exposeHeaders[1]: "x" (expected: each value once)
            type: CORS, cors: {maxAge: 0}                                                  | maxAge: the number 0 (expected: a whole number, at least 1)
            type: CORS, cors: {allowCredentials: "yes"}                                    | allowCredentials: "yes" (expected: true or false)
            type: ExternalAuth, externalAuth: {protocol: HTTP, http: {path: /check}, backendRef: {name: a, port: 80}, forwardBody: {maxSize: 10}}   | ok
            type: ExternalAuth, externalAuth: {protocol: GRPC, grpc: {allowedHeaders: [a]}, backendRef: {name: a, port: 80}}   | ok
            type: ExternalAuth, externalAuth: {protocol: GRPC, backendRef: {name: a, port: 80}}   | externalAuth.grpc: is missing
            type: ExternalAuth, externalAuth: {protocol: HTTP, http: {}, grpc: {}, backendRef: {name: a, port: 80}}   | externalAuth.grpc: is set (expected: only with protocol GRPC)
            type: ExternalAuth, externalAuth: {http: {}, backendRef: {name: a, port: 80}}  | externalAuth.protocol: is missing
            type: ExtensionRef, extensionRef: {group: a.io, kind: F, name: f}              | ok
            type: ExtensionRef, extensionRef: {kind: F, name: f}                           | extensionRef.group: is missing
            """)
    void filters(String filter, String expected) {
        Given.expect(filter(filter), expected);
        Given.expect(rule("backendRefs: [{name: a, port: 80, filters: [{" + filter + "}]}]"), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            RequestHeaderModifier, RequestHeaderModifier  | RequestHeaderModifier twice in one list
            ResponseHeaderModifier, ResponseHeaderModifier| ResponseHeaderModifier twice in one list
            RequestRedirect, RequestRedirect              | RequestRedirect twice in one list
            URLRewrite, URLRewrite                        | URLRewrite twice in one list
            CORS, CORS                                    | CORS twice in one list
            RequestMirror, RequestMirror                  | ok
            ExtensionRef, ExtensionRef                    | ok
            RequestRedirect, URLRewrite                   | RequestRedirect and URLRewrite together
            CORS, URLRewrite                              | ok
            """)
    void filtersTogether(String types, String expected) {
        StringBuilder filters = new StringBuilder();
        for (String type : types.split(", ")) {
            String field = type.equals("CORS") ? "cors" : type.equals("URLRewrite") ? "urlRewrite" : Character.toLowerCase(type.charAt(0)) + type.substring(1);
            String config = type.equals("RequestMirror") ? "backendRef: {name: m, port: 80}" : type.equals("ExtensionRef") ? "group: g, kind: K, name: n" : "";
            filters.append(filters.isEmpty() ? "" : ", ").append("{type: ").append(type).append(", ").append(field).append(": {").append(config).append("}}");
        }
        Given.expect(rule("filters: [" + filters + "]"), expected);
    }

    @Test void redirectAndBackendRefsExcludeEachOther() {
        Given.expect(rule("filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs: [{name: a, port: 80}]"),
                "spec.rules[0].filters: RequestRedirect and backendRefs in one rule");
        Given.expect(rule("filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs: []"), "ok");
    }

    /** SPEC.md F7 */
    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            matches: [{path: {type: PathPrefix, value: /a}}]                          | ok
            matches: [{method: GET}]                                                  | ok
            hostnames: []                                                             | warns: hostnames
            matches: []                                                               | exactly one match in the rule, of path type PathPrefix
            matches: [{path: {type: Exact, value: /a}}]                               | exactly one match in the rule, of path type PathPrefix
            matches: [{path: {value: /a}}, {path: {value: /b}}]                       | exactly one match in the rule, of path type PathPrefix
            matches: [{path: {type: RegularExpression, value: /a}}]                   | exactly one match in the rule, of path type PathPrefix
            """)
    void replacePrefixMatchNeedsExactlyOnePrefix(String matches, String expected) {
        String path = "path: {type: ReplacePrefixMatch, replacePrefixMatch: /x}";
        Given.expect(rule(matches + ", filters: [{type: URLRewrite, urlRewrite: {" + path + "}}]"), expected);
        Given.expect(rule(matches + ", filters: [{type: RequestRedirect, requestRedirect: {" + path + "}}]"), expected);
        Given.expect(rule(matches + ", backendRefs: [{name: a, port: 80, filters: [{type: URLRewrite, urlRewrite: {" + path + "}}]}]"), expected);
    }

    /** SPEC.md M12, A6, F6 and the CRD's other list lengths: the longest that is allowed, and one more. */
    @Test void listsAndStringsHaveTheirLongest() {
        limit(32, n -> route("parentRefs: [" + times(n, "{name: a#}") + "]"), "spec.parentRefs: a list of 33 (expected: at most 32 items)");
        limit(16, n -> route("hostnames: [" + times(n, "a#.b") + "]"), "spec.hostnames: a list of 17");
        limit(16, n -> route("rules: [" + times(n, "{}") + "]"), "spec.rules: a list of 17 (expected: 1 to 16 items)");
        limit(64, n -> rule("matches: [" + times(n, "{path: {value: /#}}") + "]"), "spec.rules[0].matches: a list of 65");
        limit(16, n -> match("headers: [" + times(n, "{name: a#, value: b}") + "]"), "headers: a list of 17");
        limit(16, n -> match("queryParams: [" + times(n, "{name: a#, value: b}") + "]"), "queryParams: a list of 17");
        limit(16, n -> rule("filters: [" + times(n, "{type: ExtensionRef, extensionRef: {group: g, kind: K, name: n#}}") + "]"), "filters: a list of 17");
        limit(16, n -> rule("backendRefs: [" + times(n, "{name: a#, port: 80}") + "]"), "backendRefs: a list of 17");
        limit(16, n -> filter("type: RequestHeaderModifier, requestHeaderModifier: {set: [" + times(n, "{name: a#, value: b}") + "]}"), "set: a list of 17");
        limit(16, n -> filter("type: RequestHeaderModifier, requestHeaderModifier: {remove: [" + times(n, "a#") + "]}"), "remove: a list of 17");
        limit(64, n -> filter("type: CORS, cors: {allowOrigins: [" + times(n, "'http://a#'") + "]}"), "allowOrigins: a list of 65");
        limit(64, n -> filter("type: CORS, cors: {allowHeaders: [" + times(n, "a#") + "]}"), "allowHeaders: a list of 65");
        limit(1024, n -> match("path: {value: /" + "a".repeat(n - 1) + "}"), "path.value");
        limit(1024, n -> match("path: {type: RegularExpression, value: " + "a".repeat(n) + "}"), "path.value");
        limit(256, n -> match("headers: [{name: " + "a".repeat(n) + ", value: b}]"), "headers[0].name");
        limit(4096, n -> match("headers: [{name: a, value: " + "b".repeat(n) + "}]"), "headers[0].value");
        limit(1024, n -> match("queryParams: [{name: a, value: " + "b".repeat(n) + "}]"), "queryParams[0].value");
        limit(253, n -> rule("name: " + "a".repeat(n)), "name");
        limit(128, n -> rule("sessionPersistence: {sessionName: " + "a".repeat(n) + "}"), "sessionName");
        limit(1024, n -> filter("type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: " + "a".repeat(n) + "}}"), "replaceFullPath");
    }

    private static void limit(int most, java.util.function.IntFunction<String> text, String problem) {
        Given.expect(text.apply(most), "ok");
        Given.expect(text.apply(most + 1), problem);
    }

    @Test void aRouteHasAtMost128Matches() {
        String sixtyFour = "{matches: [" + times(64, "{path: {value: /#}}") + "]}";
        Given.expect(route("rules: [" + sixtyFour + ", " + sixtyFour + "]"), "ok");
        Given.expect(route("rules: [" + sixtyFour + ", " + sixtyFour + ", {}]"), "spec.rules: 129 matches in all rules (expected: at most 128 in a route)");
    }

    @Test void ruleNamesAreUnique() {
        Given.expect(route("rules: [{name: a}, {name: b}, {}, {}]"), "ok");
        Given.expect(route("rules: [{name: a}, {name: a}]"), "spec.rules[1].name: \"a\" (expected: a name that no other rule of the route has)");
    }

    @Test void withoutRulesARouteMatchesEverything() {
        HttpRoute route = (HttpRoute) new ManifestDecoder().decode("t", route("")).objects().getFirst();
        assertThat(route.rules()).singleElement().extracting(HttpRoute.Rule::matches).isEqualTo(java.util.List.of(heddle.api.model.HttpMatch.ANY));
        Given.expect(route("rules: []"), "spec.rules: a list of 0 (expected: 1 to 16 items)");
        Given.expect("{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}}", "spec: is missing");
    }

    /** SPEC.md M13: kept as unknown where the model has a case for it. */
    @Test void unknownEnumValuesAreKept() {
        HttpRoute route = (HttpRoute) new ManifestDecoder().decode("t", route("rules: [{matches: [{path: {type: Glob, value: '**'}, "
                + "headers: [{name: A, type: Fuzzy, value: b}]}], filters: [{type: Compress}, "
                + "{type: URLRewrite, urlRewrite: {path: {type: Append}}}]}]")).objects().getFirst();
        HttpRoute.Rule rule = route.rules().getFirst();
        assertThat(rule.matches().getFirst().path()).isEqualTo(new PathMatch.Unknown("Glob", "**"));
        assertThat(rule.matches().getFirst().headers()).containsExactly(new ValueMatch.Unknown("a", "Fuzzy", "b"));
        assertThat(rule.filters().get(0)).isEqualTo(new RouteFilter.Unknown("Compress"));
        assertThat(((RouteFilter.UrlRewrite) rule.filters().get(1)).path()).contains(new RouteFilter.PathModifier.Unknown("Append", ""));
    }

    @Test void defaultsAreTheCrds() {
        HttpRoute route = (HttpRoute) new ManifestDecoder().decode("t", route("parentRefs: [{name: g}], rules: [{filters: ["
                + "{type: RequestRedirect, requestRedirect: {}}, {type: CORS, cors: {}}, "
                + "{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, fraction: {numerator: 5}}}], retry: {}}]")).objects().getFirst();
        assertThat(route.parentRefs().getFirst()).extracting(heddle.api.model.ParentRef::group, heddle.api.model.ParentRef::kind)
                .containsExactly("gateway.networking.k8s.io", "Gateway");
        HttpRoute.Rule rule = route.rules().getFirst();
        assertThat(((RouteFilter.Redirect) rule.filters().get(0)).statusCode()).isEqualTo(302);
        assertThat(((RouteFilter.Cors) rule.filters().get(1)).maxAgeSeconds()).isEqualTo(5);
        assertThat((RouteFilter.Mirror) rule.filters().get(2)).extracting(RouteFilter.Mirror::numerator, RouteFilter.Mirror::denominator).containsExactly(5, 100);
        assertThat(rule.retry().orElseThrow().attempts()).isEqualTo(1);
        assertThat(rule.timeouts()).isEqualTo(HttpRoute.Timeouts.NONE);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            *.a.b         | ok
            a.b           | ok
            A.b           | spec.hostnames[0]: "A.b"
            a.*           | spec.hostnames[0]: "a.*"
            a..b          | spec.hostnames[0]: "a..b"
            """)
    void hostnames(String hostname, String expected) {
        Given.expect(route("hostnames: ['" + hostname + "']"), expected);
    }
}
