package heddle.policy.internal.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.RouteFilter;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.EditedResponse;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPEC.md F11; HTTPCORSFilter (apis/v1/httproute_types.go). */
class CorsTest {
    private static Filter cors(List<String> origins, boolean credentials, List<String> methods, List<String> headers, List<String> expose) throws InvalidFilterException {
        return new CorsFactory().create(GivenSpec.of(new RouteFilter.Cors(origins, credentials, methods, headers, expose, 5)));
    }

    private static Filter origins(String... origins) throws InvalidFilterException {
        return cors(List.of(origins), false, List.of("GET", "PUT"), List.of("x-a"), List.of());
    }

    private static Map<String, String> preflight(Filter filter, String origin, String method, String headers) {
        EditedRequest request = new EditedRequest("OPTIONS", "/").with("origin", origin).with("access-control-request-method", method);
        if (!headers.isEmpty()) request.with("access-control-request-headers", headers);
        FilterAction.Reply reply = (FilterAction.Reply) filter.onRequest(request, new GivenExchange());
        assertThat(reply.status()).isEqualTo(204);
        Map<String, String> fields = new TreeMap<>();
        reply.headers().forEach(field -> fields.put(field.name(), field.value()));
        assertThat(fields.remove("vary")).contains("Origin");
        return fields;
    }

    private static EditedResponse actual(Filter filter, String origin) {
        GivenExchange scene = new GivenExchange();
        EditedRequest request = EditedRequest.get("/");
        if (!origin.isEmpty()) request.with("origin", origin);
        assertThat(filter.onRequest(request, scene)).isEqualTo(FilterAction.CONTINUE);
        EditedResponse response = new EditedResponse();
        filter.onResponse(response, scene);
        return response;
    }

    @ParameterizedTest(name = "{1} allowed by {0}: {2}")
    @CsvSource({"https://a.example, https://a.example, true", "https://a.example, https://A.Example, true", "https://a.example, http://a.example, false", "https://a.example, https://a.example:443, true",
        "https://a.example, https://a.example:8443, false", "https://a.example:8443, https://a.example:8443, true", "http://a.example:80, http://a.example, true",
        "https://*.example, https://a.example, true", "https://*.example, https://a.b.c.example, true", "https://*.example, https://example, false", "https://*.example, https://evil-example, false",
        "https://*.example, https://a.example.evil, false", "https://*, https://anything.at.all, true", "https://*, http://anything, false", "https://*:8443, https://x:8443, true", "https://*:8443, https://x, false",
        "*, https://x, true", "*, null, true", "https://a.example, null, false", "https://a.example, https://a.example/, false", "https://*.example, https://*.example, false",
        "https://a.example, https://b.example@a.example, false"})
    void f11Origins(String allowed, String origin, boolean matches) throws InvalidFilterException {
        assertThat(actual(origins(allowed), origin).hasHeader("access-control-allow-origin")).isEqualTo(matches);
        assertThat(preflight(origins(allowed), origin, "PUT", "").containsKey("access-control-allow-origin")).isEqualTo(matches);
    }

    @Test
    void f11PreflightOfAnAllowedOrigin() throws InvalidFilterException {
        Filter filter = cors(List.of("https://a.example"), true, List.of("GET", "PUT"), List.of("x-a", "x-b"), List.of());
        assertThat(preflight(filter, "https://a.example", "PUT", "x-a")).isEqualTo(Map.of("access-control-allow-origin", "https://a.example", "access-control-allow-credentials", "true",
                "access-control-allow-methods", "GET, PUT", "access-control-allow-headers", "x-a, x-b", "access-control-max-age", "5"));
    }

    @Test
    void f11PreflightOfAnotherOriginIs204WithoutCorsHeaders() throws InvalidFilterException {
        assertThat(preflight(origins("https://a.example"), "https://evil.example", "PUT", "x-a")).isEmpty();
    }

    @Test
    void f11WildcardsWithCredentialsNeverAnswerAnAsterisk() throws InvalidFilterException {
        Filter filter = cors(List.of("*"), true, List.of("*"), List.of("*"), List.of("*"));
        assertThat(preflight(filter, "https://x", "PATCH", "x-a, x-b")).isEqualTo(Map.of("access-control-allow-origin", "https://x", "access-control-allow-credentials", "true",
                "access-control-allow-methods", "PATCH", "access-control-allow-headers", "x-a, x-b", "access-control-max-age", "5"));
        assertThat(preflight(filter, "https://x", "PATCH", "")).doesNotContainKey("access-control-allow-headers");
        assertThat(actual(filter, "https://x").fields()).containsExactlyInAnyOrder("access-control-allow-origin: https://x", "access-control-allow-credentials: true", "vary: Origin");
    }

    @Test
    void wildcardsWithoutCredentials() throws InvalidFilterException {
        Filter filter = cors(List.of("*"), false, List.of("*"), List.of("*"), List.of("*"));
        assertThat(preflight(filter, "https://x", "PATCH", "x-a")).containsEntry("access-control-allow-origin", "*").doesNotContainKey("access-control-allow-credentials");
        assertThat(actual(filter, "https://x").fields()).containsExactlyInAnyOrder("access-control-allow-origin: *", "access-control-expose-headers: *");
    }

    @Test
    void actualRequestsExposeHeadersAndVary() throws InvalidFilterException {
        Filter filter = cors(List.of("https://a.example"), false, List.of(), List.of(), List.of("x-a", "x-b"));
        assertThat(actual(filter, "https://a.example").fields()).containsExactlyInAnyOrder("access-control-allow-origin: https://a.example", "access-control-expose-headers: x-a, x-b", "vary: Origin");
        assertThat(actual(filter, "https://b.example").fields()).containsExactly("vary: Origin");
        assertThat(actual(filter, "").fields()).containsExactly("vary: Origin");
    }

    @Test
    void anOptionsRequestThatIsNoPreflightGoesOn() throws InvalidFilterException {
        assertThat(origins("*").onRequest(new EditedRequest("OPTIONS", "/").with("origin", "https://x"), new GivenExchange())).isEqualTo(FilterAction.CONTINUE);
        assertThat(origins("*").onRequest(new EditedRequest("OPTIONS", "/").with("access-control-request-method", "PUT"), new GivenExchange())).isEqualTo(FilterAction.CONTINUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://a", "a.example", "https://", "https://a:0", "https://a:x", "https://a.*.b", "https://a/b"})
    void refusesBadOrigins(String origin) {
        assertThatThrownBy(() -> origins(origin)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("allowOrigins: " + origin);
    }

    @Test
    void refusesAWildcardBesideOthers() {
        assertThatThrownBy(() -> origins("*", "https://a")).isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> cors(List.of("*"), false, List.of("*", "GET"), List.of(), List.of())).isInstanceOf(InvalidFilterException.class).hasMessageContaining("allowMethods");
    }
}
