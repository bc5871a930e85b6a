package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.RequestHead;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.Sessions;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The forwarder's part of session persistence (SPEC.md T9): where a request goes and what its response tells. Tokens are core's. */
class SessionTest {
    private Rig rig;
    private RecordingBackend second;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
        second = RecordingBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
        rig.mesh.target.endpoints(rig.backend.address(), second.address());
        rig.mesh.rule.sessions = Optional.of(new ByPort());
    }

    @AfterEach
    void stop() throws Exception {
        second.close();
        rig.close();
    }

    /** The token is the endpoint's port. */
    private final class ByPort implements Sessions {
        @Override public Optional<Session> find(RequestHead head) {
            return rig.mesh.target.ready.stream().filter(each -> head.header("x-session").equals(Integer.toString(each.address().getPort())))
                    .findFirst().map(each -> new Session(rig.mesh.target, each, 0));
        }

        @Override public Optional<FilterAction.Field> tell(Optional<Session> found, BackendPlan backend, Endpoint endpoint) {
            if (found.isPresent() && found.get().endpoint().equals(endpoint)) return Optional.empty();
            return Optional.of(new FilterAction.Field("set-cookie", "s=" + endpoint.address().getPort()));
        }
    }

    private String get(String headers) throws Exception {
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n" + headers + "\r\n");
            return client.response();
        }
    }

    @Test
    void aNewSessionIsToldAndKept() throws Exception {
        String first = get("");
        assertThat(first).contains("set-cookie: s=" + rig.backend.address().getPort()).endsWith("one");
        for (int i = 0; i < 6; i++) {
            assertThat(get("X-Session: " + second.address().getPort() + "\r\n")).endsWith("two").doesNotContain("set-cookie");
        }
    }

    /** A retry leaves the session's endpoint, and the session goes with it. */
    @Test
    void aSessionFollowsTheEndpointThatAnswered() throws Exception {
        try (RecordingBackend failing = RecordingBackend.answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")) {
            rig.mesh.target.endpoints(failing.address(), failing.address());
            rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(503), List.of(), 1, 1_000_000));
            Endpoint broken = rig.mesh.target.ready.getFirst();
            rig.mesh.rule.sessions = Optional.of(new Sessions() {
                @Override public Optional<Session> find(RequestHead head) {
                    rig.mesh.target.endpoints(second.address());
                    return Optional.of(new Session(rig.mesh.target, broken, 0));
                }

                @Override public Optional<FilterAction.Field> tell(Optional<Session> found, BackendPlan backend, Endpoint endpoint) {
                    return Optional.of(new FilterAction.Field("x-told", Integer.toString(endpoint.address().getPort())));
                }
            });
            assertThat(get("")).contains("x-told: " + second.address().getPort()).endsWith("two");
            assertThat(rig.mesh.target.statuses).containsExactly(503, 200);
        }
    }

    @Test
    void anAnswerOfOurOwnBeginsNoSession() throws Exception {
        rig.mesh.target.endpoints();
        assertThat(get("")).startsWith("HTTP/1.1 503 ").doesNotContain("set-cookie");
    }
}
