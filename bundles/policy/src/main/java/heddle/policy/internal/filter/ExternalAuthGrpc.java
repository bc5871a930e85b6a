package heddle.policy.internal.filter;

import heddle.api.identity.Client;
import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import heddle.api.policy.Subrequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ExternalAuth over Envoy's ext_authz protocol (SPEC.md F12; envoy/service/auth/v3/external_auth.proto, attribute_context.proto).
 *  @param requestHeaders lower-case; empty = all are sent */
@OnLoop
record ExternalAuthGrpc(Backend backend, Set<String> requestHeaders, int bodyBytes) implements Filter {
    private static final String METHOD = "/envoy.service.auth.v3.Authorization/Check";
    private static final List<Field> HEADERS = List.of(new Field("content-type", "application/grpc"), new Field("te", "trailers"));

    @Override public BodyNeed body() {
        return bodyBytes == 0 ? BodyNeed.NONE : new BodyNeed.Buffered(bodyBytes, BodyNeed.WhenOver.REJECT);
    }

    @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
        byte[] message = question(request, exchange);
        byte[] frame = ByteBuffer.allocate(5 + message.length).put((byte) 0).putInt(message.length).put(message).array();
        Subrequest question = new Subrequest("POST", METHOD, backend.name(), HEADERS, frame, true);
        return new FilterAction.Later(exchange.call(backend, question, AuthReplies.LIMIT).thenApply(answer -> decide(request, exchange, answer)));
    }

    /** CheckRequest.attributes: source 1, destination 2, request 4. */
    private byte[] question(RequestEdit request, Exchange exchange) {
        byte[] body = exchange.body().orElse(new byte[0]);
        String target = new PathChange.Keep().target(request);
        ProtoWriter http = new ProtoWriter().string(1, request.header("x-request-id")).string(2, request.method());
        request.headers((name, value) -> {
            if (requestHeaders.isEmpty() || requestHeaders.contains(name)) http.entry(3, name, request.header(name));
        });
        http.string(4, target).string(5, request.authority()).string(6, request.scheme()).varint(9, body.length).string(10, "HTTP/1.1");
        if (body.length > 0) http.bytes(12, body);
        ProtoWriter socket = new ProtoWriter().string(2, exchange.destination().getAddress().getHostAddress()).varint(3, exchange.destination().getPort());
        ProtoWriter destination = new ProtoWriter().message(1, new ProtoWriter().message(1, socket));
        ProtoWriter attributes = new ProtoWriter().message(1, source(exchange.client())).message(2, destination).message(4, new ProtoWriter().message(2, http));
        return new ProtoWriter().message(1, attributes).toByteArray();
    }

    private static ProtoWriter source(Client client) {
        ProtoWriter peer = new ProtoWriter();
        if (client instanceof Client.Known known) {
            peer.string(2, known.id());
            known.labels().forEach((name, value) -> peer.entry(3, name, value));
            peer.string(4, "ns/" + known.namespace() + "/sa/" + known.serviceAccount());
        }
        return peer;
    }

    private FilterAction decide(RequestEdit request, Exchange exchange, Answer answer) {
        try {
            boolean ok = answer.status() == 200 && answer.headers().stream().noneMatch(field -> field.name().equalsIgnoreCase("grpc-status") && !field.value().equals("0"));
            Optional<byte[]> message = ok ? unframed(answer.body()) : Optional.empty();
            return message.isEmpty() ? AuthReplies.fault(request) : AuthzAnswer.read(message.get()).applied(this, request, exchange);
        } catch (IllegalArgumentException malformed) {
            return AuthReplies.fault(request);
        }
    }

    /** The one message of a unary answer; a compressed one was not asked for. */
    private static Optional<byte[]> unframed(byte[] body) {
        if (body.length < 5 || body[0] != 0) return Optional.empty();
        int length = ByteBuffer.wrap(body, 1, 4).getInt();
        if (length != body.length - 5) return Optional.empty();
        return Optional.of(Arrays.copyOfRange(body, 5, body.length));
    }

    @Override public boolean seesResponse() {
        return true;
    }

    @Override public void onResponse(ResponseEdit response, Exchange exchange) {
        exchange.get(this).ifPresent(answer -> ((AuthzAnswer) answer).toClient().forEach(header -> header.apply(response)));
    }
}
