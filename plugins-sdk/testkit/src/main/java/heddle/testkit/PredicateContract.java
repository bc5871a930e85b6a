package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What every {@link PredicateFactory} and its predicates must do: a pure function of the request's head, on many threads. */
public abstract class PredicateContract {
    protected abstract PredicateFactory factory();

    /** {@link GivenSpec#object} that can be used. */
    protected abstract CustomObject good();

    /** Specs that cannot, by the field that the message must name. */
    protected abstract Map<String, CustomObject> bad();

    /** One that {@code good()} matches. */
    protected abstract RequestHead matching();

    /** One that it does not. */
    protected abstract RequestHead other();

    @Test
    public final void theTypeIsThatOfTheResource() {
        assertThat(factory().type()).isEqualTo(good().group() + "/" + good().key().kind());
    }

    @Test
    public final void aBadSpecIsRefusedByItsField() {
        bad().forEach((field, spec) -> assertThatThrownBy(() -> factory().create(spec)).as(field).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(field));
    }

    @Test
    public final void itMatchesSomeAndNotOthers() {
        Predicate<RequestHead> predicate = factory().create(good());
        assertThat(predicate.test(matching())).as("matching()").isTrue();
        assertThat(predicate.test(other())).as("other()").isFalse();
    }

    /** Matching runs on event loops: it must say no rather than throw. */
    @Test
    public final void itThrowsForNoRequest() throws BadPathException {
        Predicate<RequestHead> predicate = factory().create(good());
        List<GivenRequest> requests = List.of(GivenRequest.of("GET", "/"), GivenRequest.of("OPTIONS", "*"), GivenRequest.of("CONNECT", "shop:443"), GivenRequest.of("GET", "http://shop"),
                GivenRequest.of("GET", "/?").with("cookie", ";;=").from(new Client.Known("", "", "", Map.of())));
        for (GivenRequest request : requests) assertThat(predicate.test(request)).as("again").isEqualTo(predicate.test(request));
    }

    @Test
    public final void manyThreadsAskOneInstance() throws Exception {
        Predicate<RequestHead> predicate = factory().create(good());
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                boolean matches = i % 2 == 0;
                work.add(() -> {
                    for (int n = 0; n < 500; n++) if (predicate.test(matches ? matching() : other()) != matches) return false;
                    return true;
                });
            }
            for (var right : threads.invokeAll(work)) assertThat(right.get()).isTrue();
        }
    }
}
