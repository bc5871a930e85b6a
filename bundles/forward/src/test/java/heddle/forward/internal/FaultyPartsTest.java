package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.PluginFilter;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What plugins' matchers, balancers and filters do wrong costs the request that met it, and neither its connection nor another request. */
@Timeout(120)
class FaultyPartsTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: f\r\n\r\n";
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    /** Off the loop; what follows it runs in a task of the event loop, in which a fault would be lost and its client wait for ever. */
    private record Away(List<RequestEdit> seen) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            seen.add(request);
            return FilterAction.CONTINUE;
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {}

        @Override public boolean seesResponse() {
            return true;
        }
    }

    static Stream<Supplier<@Nullable Endpoint>> faultyPicks() {
        return Stream.of(() -> null, () -> {
            throw new IllegalStateException("planned by the test");
        }, () -> {
            throw new StackOverflowError("planned by the test");
        });
    }

    @ParameterizedTest
    @MethodSource("faultyPicks")
    void aBalancerThatDoesNotPickIs500(Supplier<@Nullable Endpoint> pick) throws Exception {
        for (List<Filter> filters : List.of(List.<Filter>of(), List.<Filter>of(new Away(new ArrayList<>())))) {
            rig.mesh.rule.filters = filters;
            try (RawClient client = rig.client()) {
                rig.mesh.target.picking = pick;
                assertThat(client.send(GET).response()).startsWith("HTTP/1.1 500 ").contains("balancer-fault");
                rig.mesh.target.picking = null;
                assertThat(client.send(GET).response()).endsWith("ok");
            }
        }
        Rig.await(() -> rig.mesh.rule.leases.get() == 0);
    }

    @Test
    void aMatcherThatThrowsAnErrorIs500() throws Exception {
        try (RawClient client = rig.client()) {
            rig.mesh.matching = () -> {
                throw new StackOverflowError("planned by the test");
            };
            assertThat(client.send(GET).response()).startsWith("HTTP/1.1 500 ").contains("route-table");
            rig.mesh.matching = () -> {};
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }

    /** It would else stay open for ever, and be read by nobody. */
    @Test
    void aConnectionWhoseClientCannotBeIdentifiedIsClosed() throws Exception {
        rig.mesh.identifying = () -> {
            throw new NoClassDefFoundError("planned by the test");
        };
        try (RawClient client = rig.client()) {
            assertThat(client.rest()).isEmpty();
        }
        rig.mesh.identifying = () -> {};
        try (RawClient client = rig.client()) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }

    /** Its call is over its budget and still runs. */
    private record Overdue(List<RequestEdit> held) implements PluginFilter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            held.add(request);
            return FilterAction.CONTINUE;
        }

        @Override public void call(Runnable work, End end) {
            work.run();
            end.ended(new IllegalStateException("planned by the test"), true);
        }

        @Override public boolean passedOnFault() {
            return true;
        }
    }

    /** It decides, and fails to, while it still works. */
    private record LateFault(List<RequestEdit> held) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            held.add(request);
            return new FilterAction.Later(CompletableFuture.failedFuture(new IllegalStateException("planned by the test")));
        }
    }

    /** The response side of another filter comes in between. */
    @Test
    void whatIsGivenUpCannotEditTheNextRequestOfItsConnection() throws Exception {
        List<RequestEdit> held = new ArrayList<>();
        for (Filter filter : List.of(new Overdue(held), new LateFault(held))) {
            try (RawClient client = rig.client()) {
                rig.mesh.rule.filters = List.of(new Away(new ArrayList<>()), filter);
                assertThat(client.send(GET).response()).startsWith("HTTP/1.1 500 ").contains("filter-fault");
                List<RequestEdit> next = new ArrayList<>();
                rig.mesh.rule.filters = List.of(new Away(next));
                assertThat(client.send(GET).response()).endsWith("ok");
                assertThat(next).singleElement().isNotSameAs(held.getLast());
            }
        }
    }
}
