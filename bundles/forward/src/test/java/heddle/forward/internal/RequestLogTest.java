package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.RequestHead;
import heddle.api.plan.Failure;
import heddle.api.plan.RequestLog;
import heddle.api.plan.RulePlan;
import heddle.api.policy.FilterAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the forwarder tells the log of a Service port: heads when they are wanted, and each failure once. */
class RequestLogTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile boolean wanting;
    private Rig rig;

    private final class Log implements RequestLog {
        @Override public boolean wants(long nanos) {
            return wanting;
        }

        @Override public void seen(RequestHead head) {
            told.add("seen " + head.method() + " " + head.target());
        }

        @Override public void failed(RequestHead head, String target, @Nullable RulePlan rule, int status, String reason) {
            told.add(status + " " + reason + " " + target + (rule == null ? "" : " " + rule.route()));
        }
    }

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.mesh.log = new Log();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void request(String target) throws Exception {
        try (RawClient client = rig.client()) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: f\r\n\r\n");
            client.response();
        }
    }

    @Test
    void aHeadIsToldWhenItIsWanted() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        request("/a?b=c");
        assertThat(told).isEmpty();
        wanting = true;
        request("/a?b=c");
        assertThat(told).containsExactly("seen GET /a?b=c");
    }

    @Test
    void aMissIsTold() throws Exception {
        request("/none/x");
        assertThat(told).containsExactly("404 no-route /none/x");
    }

    @Test
    void anAnswerOfOursIsToldWithItsRuleAndTheTargetAsReceived() throws Exception {
        rig.mesh.rule.filters = List.of((request, exchange) -> {
            request.setTarget("/rewritten");
            return FilterAction.CONTINUE;
        });
        rig.mesh.target.failure = Failure.INVALID_BACKEND;
        request("/a");
        assertThat(told).containsExactly("500 invalid-backend /a HTTPRoute shop/front");
    }

    @Test
    void aFiltersRefusalIsTold() throws Exception {
        rig.mesh.rule.filters = List.of((request, exchange) -> new FilterAction.Reply(403, List.of(), "no".getBytes(StandardCharsets.US_ASCII), "no-entry"));
        request("/a");
        assertThat(told).containsExactly("403 no-entry /a HTTPRoute shop/front");
    }

    @Test
    void aBackendsOwnFailureIsTold() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
        request("/a");
        assertThat(told).containsExactly("404 backend /a HTTPRoute shop/front");
    }

    @Test
    void aMessageBrokenOffIsTold() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        }));
        try (RawClient client = rig.client()) {
            client.send("GET /a HTTP/1.1\r\nHost: f\r\n\r\n");
            client.head();
            Rig.await(() -> !told.isEmpty());
        }
        assertThat(told).containsExactly("0 broken-off /a HTTPRoute shop/front");
    }
}
