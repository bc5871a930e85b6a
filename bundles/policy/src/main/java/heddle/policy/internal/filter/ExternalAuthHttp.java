package heddle.policy.internal.filter;

import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.Subrequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** ExternalAuth over HTTP (SPEC.md F12): the request's method, path and Host go to the server, 200 lets it pass. The forwarder writes the
 *  subrequest's Content-Length from its body.
 *  @param pathPrefix     without a trailing slash
 *  @param responseHeaders what of the answer goes to the backend; empty = all that is not the connection's or the answer's body's */
@OnLoop
record ExternalAuthHttp(Backend backend, Set<String> requestHeaders, String pathPrefix, Set<String> responseHeaders, int bodyBytes) implements Filter {
    @Override public BodyNeed body() {
        return bodyBytes == 0 ? BodyNeed.NONE : new BodyNeed.Buffered(bodyBytes, BodyNeed.WhenOver.REJECT);
    }

    @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
        List<Field> fields = new ArrayList<>();
        request.headers((name, value) -> {
            boolean sent = name.equals("authorization") || requestHeaders.contains(name);
            if (sent && AuthReplies.passes(name)) fields.add(new Field(name, value));
        });
        byte[] body = exchange.body().orElse(new byte[0]);
        String target = pathPrefix + new PathChange.Keep().target(request);
        Subrequest question = new Subrequest(request.method(), target, request.authority(), fields, body, false);
        return new FilterAction.Later(exchange.call(backend, question, AuthReplies.LIMIT).thenApply(answer -> decide(request, answer)));
    }

    private FilterAction decide(RequestEdit request, Answer answer) {
        if (answer.status() < 300 && answer.status() != 200 || answer.status() >= 500) return AuthReplies.fault(request);
        if (answer.status() != 200) {
            return AuthReplies.refused(request, answer.status(), answer.headers().stream().filter(field -> AuthReplies.passes(field.name())).toList(), answer.body());
        }
        Map<String, String> copied = new LinkedHashMap<>();
        for (Field field : answer.headers()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            boolean wanted = responseHeaders.isEmpty() ? !name.startsWith("content-") : responseHeaders.contains(name);
            if (wanted && AuthReplies.passes(name)) copied.merge(name, field.value(), (a, b) -> a + ", " + b);
        }
        copied.forEach(request::setHeader);
        return FilterAction.CONTINUE;
    }
}
