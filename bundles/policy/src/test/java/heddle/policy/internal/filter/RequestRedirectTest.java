package heddle.policy.internal.filter;

import static heddle.testkit.GivenSpec.prefix;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.RouteFilter.PathModifier;
import heddle.api.model.RouteFilter.Redirect;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRedirectTest {
    private static Redirect redirect(String scheme, String host, Optional<PathModifier> path, int port, int status) {
        return new Redirect(scheme.isEmpty() ? Optional.empty() : Optional.of(scheme), host.isEmpty() ? Optional.empty() : Optional.of(host), path,
                port == 0 ? OptionalInt.empty() : OptionalInt.of(port), status);
    }

    private static FilterAction.Reply reply(Redirect redirect, EditedRequest request, int servicePort) throws InvalidFilterException {
        GivenExchange scene = new GivenExchange();
        scene.to(new InetSocketAddress("127.96.0.9", servicePort));
        return (FilterAction.Reply) new RequestRedirectFactory().create(GivenSpec.of(redirect, prefix("/foo"))).onRequest(request, scene);
    }

    private static String location(FilterAction.Reply reply) {
        return reply.headers().stream().filter(field -> field.name().equals("location")).map(Field::value).findFirst().orElseThrow();
    }

    /** SPEC.md F8: an explicit port; else the scheme's; else the Service port addressed. */
    @ParameterizedTest(name = "[{0}] [{1}] {2}, Host {3}, Service port {4} → {5}")
    @CsvSource({"'', '', 0, shop, 80, http://shop/foo?a=b", "'', '', 0, shop, 8080, http://shop:8080/foo?a=b", "'', '', 0, shop:9999, 8080, http://shop:8080/foo?a=b",
        "'', '', 0, shop, 443, http://shop:443/foo?a=b", "https, '', 0, shop, 8080, https://shop/foo?a=b", "http, '', 0, shop, 8080, http://shop/foo?a=b",
        "'', '', 80, shop, 8080, http://shop/foo?a=b", "https, '', 443, shop, 80, https://shop/foo?a=b", "https, '', 8443, shop, 80, https://shop:8443/foo?a=b",
        "http, '', 443, shop, 80, http://shop:443/foo?a=b", "https, '', 80, shop, 80, https://shop:80/foo?a=b", "'', other.example, 0, shop, 80, http://other.example/foo?a=b",
        "https, other.example, 8443, shop:1, 80, https://other.example:8443/foo?a=b", "'', '', 0, [::1]:8080, 80, http://[::1]/foo?a=b", "'', '', 0, [::1], 81, http://[::1]:81/foo?a=b",
        "'', '', 0, '', 80, http://127.96.0.9/foo?a=b"})
    void f8SchemeHostAndPort(String scheme, String hostname, int port, String host, int servicePort, String expected) throws InvalidFilterException {
        EditedRequest request = EditedRequest.get("/foo?a=b");
        request.at(host);
        assertThat(location(reply(redirect(scheme, hostname, Optional.empty(), port, 302), request, servicePort))).isEqualTo(expected);
    }

    @Test
    void f8TheRequestsOwnSchemeWhenNoneIsGiven() throws InvalidFilterException {
        EditedRequest request = EditedRequest.get("/foo");
        request.over("https");
        assertThat(location(reply(redirect("", "", Optional.empty(), 0, 302), request, 443))).isEqualTo("https://shop/foo");
    }

    /** SPEC.md F7 on redirects; the query stays (further decisions). */
    @ParameterizedTest(name = "{0} with [{1}] → {2}")
    @CsvSource({"/foo/bar, /xyz, /xyz/bar", "/foo/bar?q=1, /xyz/, /xyz/bar?q=1", "/foo, '', /", "/foo/, /, /", "/foo/a/../b, /xyz, /xyz/b"})
    void f7ReplacePrefixMatch(String target, String replacement, String expected) throws InvalidFilterException {
        Redirect redirect = redirect("", "", Optional.of(new PathModifier.ReplacePrefixMatch(replacement)), 0, 302);
        assertThat(location(reply(redirect, EditedRequest.get(target), 80))).isEqualTo("http://shop" + expected);
    }

    @ParameterizedTest(name = "{0} with {1} → {2}")
    @CsvSource({"/foo/bar?q=1, /xyz, /xyz?q=1", "/foo/bar?q=1, /xyz?own=1, /xyz?own=1", "/foo, /, /"})
    void replaceFullPathKeepsTheQueryUnlessItHasItsOwn(String target, String value, String expected) throws InvalidFilterException {
        Redirect redirect = redirect("", "", Optional.of(new PathModifier.ReplaceFullPath(value)), 0, 302);
        assertThat(location(reply(redirect, EditedRequest.get(target), 80))).isEqualTo("http://shop" + expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource({"/foo/a%2fb//./c?x, /foo/a%2fb//./c?x", "http://shop/foo?x, /foo?x", "http://shop?x, /?x", "http://shop, /"})
    void anUnchangedPathIsSentBackAsReceived(String target, String expected) throws InvalidFilterException {
        assertThat(location(reply(redirect("", "", Optional.empty(), 0, 302), EditedRequest.get(target), 80))).isEqualTo("http://shop" + expected);
    }

    /** conformance/tests/mesh/httproute-303-redirect.yaml and its siblings: a status alone redirects too. */
    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void f8Status(int status) throws InvalidFilterException {
        FilterAction.Reply reply = reply(redirect("", "", Optional.empty(), 0, status), EditedRequest.get("/foo"), 80);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo("redirect");
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).startsWith("redirect");
    }

    @Test
    void refusesWhatIsNotInTheSpec() {
        assertThatThrownBy(() -> reply(redirect("", "", Optional.empty(), 0, 304), EditedRequest.get("/"), 80)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("statusCode: 304");
        assertThatThrownBy(() -> reply(redirect("ftp", "", Optional.empty(), 0, 302), EditedRequest.get("/"), 80)).hasMessageContaining("scheme: ftp");
        assertThatThrownBy(() -> reply(redirect("", "*.x", Optional.empty(), 0, 302), EditedRequest.get("/"), 80)).hasMessageContaining("hostname: *.x");
        assertThatThrownBy(() -> reply(redirect("", "", Optional.empty(), 70_000, 302), EditedRequest.get("/"), 80)).hasMessageContaining("port: 70000");
    }
}
