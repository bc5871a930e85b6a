package heddle.testkit;

import heddle.api.policy.BodyNeed;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends requests through filters as a forwarder does: request sides in order, the backend unless one replied, response sides in reverse
 *  for those that passed the request. A {@code Later} is waited for. On the calling thread.
 *  @param limit how long a {@code Later} may take before the test fails */
public record FilterChain(List<Filter> filters, Duration limit) {
    public FilterChain {
        filters = List.copyOf(filters);
    }

    public static FilterChain of(Filter... filters) {
        return new FilterChain(List.of(filters), Duration.ofSeconds(30));
    }

    /** How a request went. {@code reply} is the filter's own answer, if one gave any; {@code response} is what the client gets. */
    public record Passage(EditedRequest request, Optional<FilterAction.Reply> reply, EditedResponse response) {}

    /** As {@link #send(EditedRequest, GivenExchange, EditedResponse)} with a backend that answers 200. */
    public Passage send(EditedRequest request) {
        return send(request, new GivenExchange(), new EditedResponse());
    }

    /** @param exchange a body that is given there is shown to a filter only when it asked for one
     *  @param response what the backend answers
     *  @throws AssertionError when a stage fails or is late, or a filter throws: a daemon would answer 500 */
    public Passage send(EditedRequest request, GivenExchange exchange, EditedResponse response) {
        List<Filter> passed = new ArrayList<>();
        EditedResponse answer = response;
        Optional<FilterAction.Reply> reply = Optional.empty();
        for (Filter filter : filters) {
            reply = tooLarge(filter, exchange).or(() -> decided(filter, request, exchange));
            if (reply.isPresent()) {
                answer = EditedResponse.of(reply.get().status());
                for (FilterAction.Field field : reply.get().headers()) answer.appendHeader(field.name(), field.value());
                break;
            }
            passed.add(filter);
        }
        for (Filter filter : passed.reversed()) {
            if (filter.seesResponse()) filter.onResponse(answer, exchange);
        }
        exchange.end();
        return new Passage(request, reply, answer);
    }

    private static Optional<FilterAction.Reply> tooLarge(Filter filter, GivenExchange exchange) {
        boolean over = filter.body() instanceof BodyNeed.Buffered(int most, BodyNeed.WhenOver whenOver) && whenOver == BodyNeed.WhenOver.REJECT
                && exchange.held().filter(body -> body.length > most).isPresent();
        return over ? Optional.of(new FilterAction.Reply(413, List.of(), "the body is too large".getBytes(StandardCharsets.UTF_8), "too-large")) : Optional.empty();
    }

    private Optional<FilterAction.Reply> decided(Filter filter, EditedRequest request, GivenExchange exchange) {
        FilterAction action;
        try {
            exchange.showBody(filter.body() instanceof BodyNeed.Buffered(int most, BodyNeed.WhenOver over) && exchange.held().filter(body -> body.length <= most).isPresent());
            action = filter.onRequest(request, exchange);
            while (action instanceof FilterAction.Later(var stage)) action = stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | CompletionException failed) {
            throw new AssertionError("the stage of " + filter.getClass().getName() + " failed", failed);
        } catch (TimeoutException late) {
            throw new AssertionError(filter.getClass().getName() + " did not decide within " + limit, late);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
        if (action == null) throw new AssertionError(filter.getClass().getName() + " returned null (expected: a FilterAction)");
        return action instanceof FilterAction.Reply reply ? Optional.of(reply) : Optional.empty();
    }
}
