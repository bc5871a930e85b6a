package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The driver does what a forwarder does. */
class FilterChainTest {
    /** Marks request and response with its name. */
    private record Mark(String name, FilterAction action) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            request.addHeader("x-seen", name);
            return action;
        }

        @Override public boolean seesResponse() {
            return true;
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            response.addHeader("x-seen", name);
        }
    }

    private static final FilterAction TEAPOT = new FilterAction.Reply(418, List.of(), new byte[0], "teapot");

    @Test
    void responseSidesRunInReverse() {
        FilterChain.Passage passage = FilterChain.of(new Mark("a", FilterAction.CONTINUE), new Mark("b", FilterAction.CONTINUE)).send(EditedRequest.get("/"));
        assertThat(passage.request().header("x-seen")).isEqualTo("a,b");
        assertThat(passage.response().header("x-seen")).isEqualTo("b,a");
    }

    @Test
    void aReplyEndsTheRequestSideAndItsOwnFilterSeesNoResponse() {
        FilterChain.Passage passage = FilterChain.of(new Mark("a", FilterAction.CONTINUE), new Mark("b", TEAPOT), new Mark("c", FilterAction.CONTINUE)).send(EditedRequest.get("/"));
        assertThat(passage.request().header("x-seen")).isEqualTo("a,b");
        assertThat(passage.response().status()).isEqualTo(418);
        assertThat(passage.response().header("x-seen")).isEqualTo("a");
    }

    @Test
    void laterIsWaitedForUpToTheLimit() {
        FilterAction.Later now = new FilterAction.Later(CompletableFuture.completedFuture(TEAPOT));
        assertThat(FilterChain.of(new Mark("a", now)).send(EditedRequest.get("/")).reply()).contains((FilterAction.Reply) TEAPOT);
        FilterChain never = new FilterChain(List.of(new Mark("a", new FilterAction.Later(new CompletableFuture<>()))), Duration.ofMillis(10));
        assertThatThrownBy(() -> never.send(EditedRequest.get("/"))).isInstanceOf(AssertionError.class).hasMessageContaining("within PT0.01S");
    }

    /** Wants up to four bytes. */
    private record Reader(BodyNeed body) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            request.setHeader("x-size", exchange.body().map(held -> held.length + "").orElse("none"));
            return FilterAction.CONTINUE;
        }
    }

    @Test
    void aBodyIsShownToThoseThatWantItAndAbove413OrNothing() {
        FilterChain.Passage none = FilterChain.of(new Reader(BodyNeed.NONE)).send(EditedRequest.get("/"), new GivenExchange().body(new byte[3]), new EditedResponse());
        assertThat(none.request().header("x-size")).isEqualTo("none");
        for (BodyNeed.WhenOver over : BodyNeed.WhenOver.values()) {
            FilterChain chain = FilterChain.of(new Reader(new BodyNeed.Buffered(4, over)));
            assertThat(chain.send(EditedRequest.get("/"), new GivenExchange().body(new byte[4]), new EditedResponse()).request().header("x-size")).isEqualTo("4");
            FilterChain.Passage large = chain.send(EditedRequest.get("/"), new GivenExchange().body(new byte[5]), new EditedResponse());
            assertThat(large.response().status()).isEqualTo(over == BodyNeed.WhenOver.REJECT ? 413 : 200);
            assertThat(large.request().header("x-size")).isEqualTo(over == BodyNeed.WhenOver.REJECT ? "" : "none");
        }
    }
}
