package heddle.policy.internal.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.identity.Client;
import heddle.api.model.BackendRef;
import heddle.api.model.RouteFilter;
import heddle.api.policy.Answer;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.Subrequest;
import heddle.testkit.EditedRequest;
import heddle.testkit.EditedResponse;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SPEC.md F12; HTTPExternalAuthFilter (apis/v1/httproute_types.go), GEP-1494, Envoy's ext_authz protocol. */
class ExternalAuthTest {
    private static final BackendRef BACKEND = new BackendRef("", "Service", Optional.empty(), "auth", OptionalInt.of(9000), 1, List.of());
    private final GivenExchange scene = new GivenExchange();

    private static Filter http(List<String> requestHeaders, String path, List<String> responseHeaders, int body) throws InvalidFilterException {
        return new ExternalAuthFactory().create(GivenSpec.of(new RouteFilter.ExternalAuth(false, BACKEND, requestHeaders, path, responseHeaders, body)));
    }

    private static Filter grpc(List<String> requestHeaders, int body) throws InvalidFilterException {
        return new ExternalAuthFactory().create(GivenSpec.of(new RouteFilter.ExternalAuth(true, BACKEND, requestHeaders, "", List.of(), body)));
    }

    private FilterAction decided(Filter filter, EditedRequest request, Answer answer) {
        FilterAction.Later later = (FilterAction.Later) filter.onRequest(request, scene);
        scene.answer().complete(answer);
        return later.stage().toCompletableFuture().join();
    }

    private static Answer answer(int status, String... headers) {
        List<Field> fields = new ArrayList<>();
        for (String header : headers) fields.add(new Field(header.split(": ")[0], header.split(": ", 2)[1]));
        return new Answer(status, fields, new byte[0], "");
    }

    private static EditedRequest request() {
        return new EditedRequest("PUT", "/cart/a%2fb?x=1").with("authorization", "Bearer t").with("x-user", "ann").with("cookie", "c=1").with("content-type", "text/plain").with("content-length", "99");
    }

    // HTTP

    @Test
    void f12HttpSendsMethodPathHostAndAuthorizationAlways() throws InvalidFilterException {
        http(List.of(), "", List.of(), 0).onRequest(request(), scene);
        Subrequest sent = scene.calls().getFirst();
        assertThat(sent.method()).isEqualTo("PUT");
        assertThat(sent.target()).isEqualTo("/cart/a%2fb?x=1");
        assertThat(sent.authority()).isEqualTo("shop");
        assertThat(sent.headers()).containsExactly(new Field("authorization", "Bearer t"));
        assertThat(sent.body()).isEmpty();
        assertThat(sent.http2()).isFalse();
    }

    @Test
    void f12HttpSendsListedHeadersAndThePathPrefix() throws InvalidFilterException {
        http(List.of("X-User", "content-length"), "/check/", List.of(), 0).onRequest(request(), scene);
        assertThat(scene.calls().getFirst().headers()).as("the client's Content-Length is never sent").containsExactly(new Field("authorization", "Bearer t"), new Field("x-user", "ann"));
        assertThat(scene.calls().getFirst().target()).isEqualTo("/check/cart/a%2fb?x=1");
    }

    @Test
    void f12HttpForwardsTheBodyUpToItsLimit() throws InvalidFilterException {
        Filter filter = http(List.of(), "", List.of(), 10);
        assertThat(filter.body()).as("over the limit: 413").isEqualTo(new BodyNeed.Buffered(10, BodyNeed.WhenOver.REJECT));
        scene.body(new byte[] {1, 2, 3});
        filter.onRequest(request(), scene);
        assertThat(scene.calls().getFirst().body()).containsExactly(1, 2, 3);
        assertThat(http(List.of(), "", List.of(), 0).body()).isEqualTo(BodyNeed.NONE);
    }

    @Test
    void f12HttpAllowedCopiesAllHeadersButHostAndTheBodys() throws InvalidFilterException {
        EditedRequest request = request();
        assertThat(decided(http(List.of(), "", List.of(), 0), request,
                answer(200, "X-User: bob", "x-role: admin", "x-role: dev", "Host: evil", "Content-Length: 7", "content-type: application/json", "Transfer-Encoding: chunked"))).isEqualTo(FilterAction.CONTINUE);
        assertThat(request.headers()).containsEntry("x-user", "bob").containsEntry("x-role", "admin, dev").containsEntry("content-length", "99").containsEntry("content-type", "text/plain")
                .doesNotContainKeys("host", "transfer-encoding");
        assertThat(request.authority()).isEqualTo("shop");
    }

    @Test
    void f12HttpAllowedCopiesOnlyListedHeaders() throws InvalidFilterException {
        EditedRequest request = request();
        decided(http(List.of(), "", List.of("X-Role"), 0), request, answer(200, "x-user: bob", "x-role: admin"));
        assertThat(request.headers()).containsEntry("x-user", "ann").containsEntry("x-role", "admin");
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 404, 429})
    void f12HttpAnythingButTwoHundredIsRefused(int status) throws InvalidFilterException {
        FilterAction.Reply reply = (FilterAction.Reply) decided(http(List.of(), "", List.of(), 0), request(), answer(status, "www-authenticate: Basic", "connection: close"));
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo("auth-refused");
        assertThat(reply.headers()).contains(new Field("www-authenticate", "Basic")).noneMatch(field -> field.name().equals("connection"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 201, 204, 500, 503})
    void f12HttpFaultsFailClosed(int status) throws InvalidFilterException {
        FilterAction.Reply reply = (FilterAction.Reply) decided(http(List.of(), "", List.of(), 0), request(), answer(status));
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.reason()).isEqualTo("auth-unavailable");
    }

    @Test
    void refusedGrpcCallersGetAGrpcStatus() throws InvalidFilterException {
        FilterAction.Reply reply = (FilterAction.Reply) decided(http(List.of(), "", List.of(), 0), request().with("content-type", "application/grpc"), answer(401));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).contains(new Field("grpc-status", "16"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "/a b", "/a/../b", "//a", "/a?b", "/a\r\nb"})
    void refusesBadPathPrefixes(String path) {
        assertThatThrownBy(() -> http(List.of(), path, List.of(), 0)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("http.path");
    }

    // gRPC

    private static byte[] frame(ProtoWriter message) {
        byte[] bytes = message.toByteArray();
        return ByteBuffer.allocate(5 + bytes.length).put((byte) 0).putInt(bytes.length).put(bytes).array();
    }

    private static ProtoWriter option(String name, String value, boolean append) {
        ProtoWriter option = new ProtoWriter().message(1, new ProtoWriter().string(1, name).string(2, value));
        return append ? option.message(2, new ProtoWriter().varint(1, 1)) : option;
    }

    private static Answer grpcAnswer(ProtoWriter message) {
        return new Answer(200, List.of(new Field("content-type", "application/grpc"), new Field("grpc-status", "0")), frame(message), "");
    }

    @Test
    void f12GrpcAsksWithTheAttributesOfTheRequest() throws InvalidFilterException {
        scene.from(new Client.Known("shop", "w", "sa", Map.of("tier", "gold")));
        scene.body(new byte[] {7, 8});
        grpc(List.of(), 100).onRequest(request(), scene);
        Subrequest sent = scene.calls().getFirst();
        assertThat(sent.target()).isEqualTo("/envoy.service.auth.v3.Authorization/Check");
        assertThat(sent.http2()).isTrue();
        assertThat(sent.headers()).contains(new Field("content-type", "application/grpc"), new Field("te", "trailers"));
        assertThat(ByteBuffer.wrap(sent.body(), 1, 4).getInt()).isEqualTo(sent.body().length - 5);
        Map<String, String> seen = Fields.of(Arrays.copyOfRange(sent.body(), 5, sent.body().length));
        assertThat(seen).containsEntry("1.4.2.2", "PUT").containsEntry("1.4.2.4", "/cart/a%2fb?x=1").containsEntry("1.4.2.5", "shop").containsEntry("1.4.2.6", "http")
                .containsEntry("1.4.2.9", "2").containsEntry("1.4.2.12", "\7\b").containsEntry("1.1.2", "shop/w").containsEntry("1.1.4", "ns/shop/sa/sa")
                .containsEntry("1.2.1.1.2", "127.96.0.1").containsEntry("1.2.1.1.3", "80");
        assertThat(seen.get("1.4.2.3")).contains("x-user=ann", "authorization=Bearer t", "cookie=c=1");
    }

    @Test
    void f12GrpcSendsOnlyListedHeaders() throws InvalidFilterException {
        grpc(List.of("X-User"), 0).onRequest(request(), scene);
        byte[] body = scene.calls().getFirst().body();
        assertThat(Fields.of(Arrays.copyOfRange(body, 5, body.length)).get("1.4.2.3")).isEqualTo("x-user=ann");
    }

    @Test
    void f12GrpcAllowedEditsRequestAndResponse() throws InvalidFilterException {
        Filter filter = grpc(List.of(), 0);
        EditedRequest request = request();
        ProtoWriter ok = new ProtoWriter().message(2, option("x-user", "bob", false)).message(2, option("x-more", "1", true)).message(2, option("content-length", "5", false))
                .message(2, option("host", "evil", false)).string(5, "cookie").string(5, "Host").message(6, option("x-client", "yes", false));
        assertThat(decided(filter, request, grpcAnswer(new ProtoWriter().message(1, new ProtoWriter()).message(3, ok)))).isEqualTo(FilterAction.CONTINUE);
        assertThat(request.headers()).containsEntry("x-user", "bob").containsEntry("x-more", "1").containsEntry("content-length", "99").doesNotContainKeys("cookie", "host");
        EditedResponse response = new EditedResponse();
        filter.onResponse(response, scene);
        assertThat(response.fields()).containsExactly("x-client: yes");
    }

    @Test
    void f12GrpcDeniedAnswersWhatItSays() throws InvalidFilterException {
        ProtoWriter denied = new ProtoWriter().message(1, new ProtoWriter().varint(1, 401)).message(2, option("www-authenticate", "Bearer", false)).string(3, "who are you");
        FilterAction.Reply reply = (FilterAction.Reply) decided(grpc(List.of(), 0), request(), grpcAnswer(new ProtoWriter().message(1, new ProtoWriter().varint(1, 16)).message(2, denied)));
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.headers()).contains(new Field("www-authenticate", "Bearer"));
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).isEqualTo("who are you");
    }

    @Test
    void f12GrpcDeniedWithoutDetailsIs403() throws InvalidFilterException {
        FilterAction.Reply reply = (FilterAction.Reply) decided(grpc(List.of(), 0), request(), grpcAnswer(new ProtoWriter().message(1, new ProtoWriter().varint(1, 7))));
        assertThat(reply.status()).isEqualTo(403);
    }

    @Test
    void f12GrpcFaultsFailClosed() throws InvalidFilterException {
        byte[] good = frame(new ProtoWriter().message(3, new ProtoWriter()));
        List<Answer> faults = List.of(answer(0), answer(503), new Answer(200, List.of(new Field("grpc-status", "14")), good, ""), new Answer(200, List.of(), new byte[0], ""),
                new Answer(200, List.of(), new byte[] {1, 0, 0, 0, 0}, ""), new Answer(200, List.of(), new byte[] {0, 0, 0, 0, 9, 1}, ""), new Answer(200, List.of(), new byte[] {0, 0, 0, 0, 2, 10, 99}, ""));
        for (Answer fault : faults) {
            GivenExchange fresh = new GivenExchange();
            FilterAction.Later later = (FilterAction.Later) grpc(List.of(), 0).onRequest(request(), fresh);
            fresh.answer().complete(fault);
            FilterAction.Reply reply = (FilterAction.Reply) later.stage().toCompletableFuture().join();
            assertThat(reply.reason()).as("%s %s", fault.status(), Arrays.toString(fault.body())).isEqualTo("auth-unavailable");
            assertThat(reply.status()).isEqualTo(403);
        }
    }

    /** Fields of a CheckRequest by their numbers; entries of the header map joined. */
    private static final class Fields {
        static Map<String, String> of(byte[] message) {
            Map<String, String> fields = new TreeMap<>();
            read("", new ProtoReader(message), fields);
            return fields;
        }

        private static void read(String path, ProtoReader reader, Map<String, String> fields) {
            List<String> messages = List.of("1", "1.1", "1.2", "1.2.1", "1.2.1.1", "1.4", "1.4.2");
            while (reader.next()) {
                String at = path.isEmpty() ? "" + reader.field() : path + "." + reader.field();
                if (messages.contains(at)) {
                    read(at, reader.message(), fields);
                } else if (at.equals("1.4.2.3") || at.equals("1.1.3")) {
                    ProtoReader entry = reader.message();
                    StringBuilder text = new StringBuilder();
                    while (entry.next()) text.append(text.isEmpty() ? "" : "=").append(entry.string());
                    fields.merge(at, text.toString(), (a, b) -> a + "\n" + b);
                } else {
                    fields.put(at, reader.number() != 0 ? Long.toString(reader.number()) : reader.string());
                }
            }
        }
    }
}
