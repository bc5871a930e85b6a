package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.identity.Client;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.InvalidFilterException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link FilterFactory} and its filters must do, whatever they are for. Extend it and give yours. */
public abstract class FilterContract {
    protected abstract FilterFactory factory();

    /** A spec that can be used. */
    protected abstract GivenSpec good();

    /** Specs that cannot, by the field that the message must name: {@code spec.value}. */
    protected abstract Map<String, GivenSpec> bad();

    /** A request of the kind that the filter is for; a new one each time. */
    protected EditedRequest request() {
        return EditedRequest.get("/cart?x=1").with("x-user", "ann");
    }

    private Filter made() {
        try {
            return factory().create(good());
        } catch (InvalidFilterException refused) {
            throw new AssertionError("good() is refused", refused);
        }
    }

    @Test
    public final void theTypeIsThatOfTheSpecAndStays() {
        assertThat(factory().type()).isEqualTo(good().filter().type()).isEqualTo(factory().type());
    }

    @Test
    public final void aBadSpecIsRefusedByItsField() {
        bad().forEach((field, spec) -> assertThatThrownBy(() -> factory().create(spec)).as(field).isInstanceOf(InvalidFilterException.class).hasMessageContaining(field));
    }

    /** A misspelt field must not silently do nothing. */
    @Test
    public final void anUnknownFieldOfItsResourceIsRefused() {
        if (good().resource().isEmpty()) return;
        Map<String, Object> fields = new LinkedHashMap<>(good().resource().get().spec());
        fields.put("noSuchField", "x");
        assertThatThrownBy(() -> factory().create(GivenSpec.resource(factory().type(), fields))).isInstanceOf(InvalidFilterException.class).hasMessageContaining("noSuchField");
    }

    @Test
    public final void whatItWantsOfTheBodyIsAskedOnce() {
        try (Closing filter = new Closing(made())) {
            assertThat(filter.filter().body()).isNotNull().isEqualTo(filter.filter().body());
            assertThat(filter.filter().seesResponse()).isEqualTo(filter.filter().seesResponse());
            if (filter.filter().body() instanceof BodyNeed.Buffered wanted) assertThat(wanted.maxBytes()).isPositive();
        }
    }

    @Test
    public final void everyRequestIsDecidedWithSomethingThatCanBeSent() {
        try (Closing filter = new Closing(made())) {
            List<EditedRequest> requests = List.of(request(), EditedRequest.get("/"), new EditedRequest("OPTIONS", "*"), new EditedRequest("PROPFIND", "/a%2fb//c?"),
                    request().from(new Client.Known("shop", "web", "sa", Map.of("tenant", "gold"))));
            for (EditedRequest request : requests) sendable(FilterChain.of(filter.filter()).send(request));
        }
    }

    private static void sendable(FilterChain.Passage passage) {
        passage.reply().ifPresent(reply -> {
            assertThat(reply.status()).as("status of a reply").isBetween(200, 599);
            assertThat(reply.body()).isNotNull();
            assertThat(reply.reason()).as("reason of a reply, for access records").isNotBlank();
        });
        passage.request().headers().forEach(FilterContract::field);
        for (String line : passage.response().fields()) field(line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2));
    }

    private static void field(String name, String value) {
        assertThat(name).as("header name").matches("[!#$%&'*+.^_`|~0-9a-z-]+");
        assertThat(value).as("value of " + name).doesNotContain("\r", "\n", "\0");
    }

    @ParameterizedTest(name = "status {0}")
    @ValueSource(ints = {200, 204, 304, 404, 503})
    public final void everyResponsePassesItsResponseSide(int status) {
        try (Closing filter = new Closing(made())) {
            sendable(FilterChain.of(filter.filter()).send(request(), new GivenExchange(), EditedResponse.of(status).with("content-type", "text/plain").with("set-cookie", "a=1")));
        }
    }

    @Test
    public final void manyThreadsUseOneInstance() throws Exception {
        try (Closing filter = new Closing(made()); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Object>> work = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                work.add(() -> {
                    for (int n = 0; n < 200; n++) FilterChain.of(filter.filter()).send(request());
                    return FilterAction.CONTINUE;
                });
            }
            for (Future<Object> done : threads.invokeAll(work)) done.get();
        }
    }

    @Test
    public final void closeEndsItsThreadsAndMayBeCalledTwice() throws Exception {
        Filter filter = made();
        FilterChain.of(filter).send(request());
        filter.close();
        filter.close();
        String code = filter.getClass().getPackageName() + ".";
        for (long end = System.nanoTime() + 5_000_000_000L; !running(code).isEmpty(); LockSupport.parkNanos(5_000_000)) {
            assertThat(System.nanoTime()).as("threads of the filter 5 s after close: " + running(code)).isLessThan(end);
        }
    }

    private static List<String> running(String code) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey() != Thread.currentThread() && List.of(thread.getValue()).stream().anyMatch(frame -> frame.getClassName().startsWith(code)))
                .map(thread -> thread.getKey().getName()).toList();
    }

    /** So that a filter in a test ends with it. */
    private record Closing(Filter filter) implements AutoCloseable {
        @Override public void close() {
            try {
                filter.close();
            } catch (Exception failed) {
                throw new AssertionError("close", failed);
            }
        }
    }
}
