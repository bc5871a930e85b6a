package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.PluginFilter;
import heddle.api.plan.RulePlan;
import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.Outcome;
import heddle.api.policy.Subrequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The filters of one exchange: request side in list order (the rule's, then the picked backendRef's), response side in reverse for
 *  those that ran. Filters that are not {@link OnLoop} run on the plugin executor, one at a time, while the exchange waits. */
final class FilterRun implements Exchange {
    private static final ClassValue<Boolean> ON_LOOP = new ClassValue<>() {
        @Override protected Boolean computeValue(Class<?> type) {
            return type.isAnnotationPresent(OnLoop.class);
        }
    };

    private final HttpExchange exchange;
    private final @Nullable RulePlan rule;
    private final List<Filter> passed = new ArrayList<>(4);
    private @Nullable Map<Object, Object> notes;
    private @Nullable List<Runnable> endTasks;
    private byte @Nullable [] body;
    private volatile boolean pending;
    /** A call was given up that may still hold the head. */
    private boolean lent;

    FilterRun(HttpExchange exchange, @Nullable RulePlan rule) {
        this.exchange = exchange;
        this.rule = rule;
    }

    /** How much of the body is to be held for the filters; -1 = none wants it. */
    int gatherBytes(List<Filter> filters) {
        int most = -1;
        for (Filter filter : filters) if (filter.body() instanceof BodyNeed.Buffered wanted) most = Math.max(most, wanted.maxBytes());
        return most;
    }

    boolean rejectsOver(List<Filter> filters, int size) {
        for (Filter filter : filters) {
            if (filter.body() instanceof BodyNeed.Buffered(int max, BodyNeed.WhenOver over) && over == BodyNeed.WhenOver.REJECT && size > max) return true;
        }
        return false;
    }

    void body(byte[] whole) {
        body = whole;
    }

    /** A filter off the loop still holds the request's head. */
    boolean pending() {
        return pending || lent;
    }

    void request(List<Filter> filters, Runnable then) {
        request(filters, 0, then);
    }

    private void request(List<Filter> filters, int from, Runnable then) {
        for (int i = from; i < filters.size(); i++) {
            Filter filter = filters.get(i);
            int at = i;
            if (tooLarge(filter)) return;
            if (!ON_LOOP.get(filter.getClass())) {
                offLoop(filter, () -> filter.onRequest(exchange.request, this), action -> {
                    if (decided(filter, action, filters, at, then)) request(filters, at + 1, then);
                });
                return;
            }
            FilterAction action;
            try {
                action = filter.onRequest(exchange.request, this);
            } catch (RuntimeException | Error e) {
                fault(filter, e);
                return;
            }
            if (!decided(filter, action, filters, at, then)) return;
        }
        then.run();
    }

    private boolean tooLarge(Filter filter) {
        byte[] whole = body;
        if (whole == null || !(filter.body() instanceof BodyNeed.Buffered wanted) || whole.length <= wanted.maxBytes()) return false;
        if (wanted.whenOver() == BodyNeed.WhenOver.SKIP) return false;
        exchange.answer(heddle.api.plan.Failure.TOO_LARGE, Outcome.ANSWERED);
        return true;
    }

    /** True when the next filter is to be asked at once. */
    private boolean decided(Filter filter, FilterAction action, List<Filter> filters, int at, Runnable then) {
        if (exchange.done()) return false;
        if (action == null) {
            fault(filter, new NullPointerException("the filter decided null (expected: a FilterAction)"));
            return false;
        }
        switch (action) {
            case FilterAction.Continue go -> {
                passed.add(filter);
                return true;
            }
            case FilterAction.Reply reply -> exchange.response.reply(reply);
            case FilterAction.Later later -> {
                pending = true;
                later.stage().whenComplete((next, fault) -> onLoop(() -> {
                    pending = false;
                    lent |= fault != null;
                    if (exchange.done()) return;
                    if (fault != null) fault(filter, fault);
                    else if (decided(filter, next, filters, at, then)) request(filters, at + 1, then);
                }));
            }
        }
        return false;
    }

    private interface Call {
        FilterAction ask();
    }

    private interface Taken {
        void action(FilterAction action);
    }

    private void offLoop(Filter filter, Call call, Taken taken) {
        pending = true;
        FilterAction[] action = {FilterAction.CONTINUE};
        if (filter instanceof PluginFilter plugin) {
            plugin.call(() -> action[0] = call.ask(), (fault, running) -> back(plugin, action, fault, running, taken));
            return;
        }
        try {
            exchange.loop.plugins.execute(() -> {
                Throwable fault = null;
                try {
                    action[0] = call.ask();
                } catch (RuntimeException | Error e) {
                    fault = e;
                }
                back(filter, action, fault, false, taken);
            });
        } catch (RuntimeException full) {
            pending = false;
            fault(filter, full);
        }
    }

    /** Back to the loop. @param running the filter still holds the request: its head is not used again, and the request goes nowhere */
    private void back(Filter filter, FilterAction[] action, @Nullable Throwable fault, boolean running, Taken taken) {
        exchange.loop.executor.execute(() -> {
            pending = false;
            lent |= running;
            if (exchange.done()) return;
            if (fault == null) taken.action(action[0]);
            else if (!running && filter instanceof PluginFilter plugin && plugin.passedOnFault()) taken.action(FilterAction.CONTINUE);
            else fault(filter, fault);
        });
    }

    private void onLoop(Runnable task) {
        if (exchange.loop.executor.inEventLoop()) task.run();
        else exchange.loop.executor.execute(task);
    }

    private void fault(Object filter, Throwable fault) {
        exchange.loop.counters.filterFaults++;
        Faults.note("filter " + filter.getClass().getName(), fault);
        exchange.answer(Faults.FILTER_THREW, Outcome.ANSWERED);
    }

    boolean seesResponse() {
        for (Filter filter : passed) if (filter.seesResponse()) return true;
        return false;
    }

    /** The response side of every filter that passed the request. */
    void response(ReceivedResponse response, Runnable then) {
        List<Filter> left = new ArrayList<>(passed.size());
        for (Filter filter : passed.reversed()) if (filter.seesResponse()) left.add(filter);
        passed.clear();
        response(left, 0, response, then);
    }

    private void response(List<Filter> left, int from, ReceivedResponse response, Runnable then) {
        for (int i = from; i < left.size(); i++) {
            Filter filter = left.get(i);
            int next = i + 1;
            if (!ON_LOOP.get(filter.getClass())) {
                offLoop(filter, () -> {
                    filter.onResponse(response, this);
                    return FilterAction.CONTINUE;
                }, action -> response(left, next, response, then));
                return;
            }
            try {
                filter.onResponse(response, this);
            } catch (RuntimeException | Error e) {
                fault(filter, e);
                return;
            }
        }
        then.run();
    }

    // what a filter sees

    @Override public Client client() {
        return exchange.connection.client;
    }

    @Override public InetSocketAddress destination() {
        return exchange.connection.origin.destination();
    }

    @Override public String route() {
        return rule == null ? "" : rule.route();
    }

    @Override public String rule() {
        return rule == null ? "" : rule.rule();
    }

    @Override public Optional<byte[]> body() {
        return Optional.ofNullable(body);
    }

    @Override public void put(Object key, Object value) {
        if (notes == null) notes = new IdentityHashMap<>(4);
        notes.put(key, value);
    }

    @Override public Optional<Object> get(Object key) {
        return notes == null ? Optional.empty() : Optional.ofNullable(notes.get(key));
    }

    @Override public CompletionStage<Answer> call(Backend backend, Subrequest request, Duration limit) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (!(backend instanceof BackendPlan plan)) {
            answer.complete(new Answer(0, List.of(), new byte[0], "the backend is not one of this mesh"));
            return answer;
        }
        onLoop(() -> {
            try {
                new Subcall(exchange.connection, plan, request, answer).begin(request.http2(), limit.toNanos());
            } catch (RuntimeException e) {
                Faults.note("subrequest of a filter", e);
                answer.complete(new Answer(0, List.of(), new byte[0], "the subrequest cannot be sent"));
            }
        });
        return answer;
    }

    @Override public void mirror(Backend backend) {
        if (backend instanceof BackendPlan plan) onLoop(() -> exchange.mirror(plan));
    }

    @Override public void onEnd(Runnable task) {
        onLoop(() -> {
            List<Runnable> tasks = endTasks;
            if (tasks == null) endTasks = tasks = new ArrayList<>(2);
            tasks.add(task);
            if (exchange.done()) ended();
        });
    }

    /** A filter has asked to be told of the end, or still works. */
    boolean awaitsEnd() {
        return pending() || endTasks != null;
    }

    /** The exchange has ended. */
    void ended() {
        List<Runnable> tasks = endTasks;
        endTasks = null;
        if (tasks == null) return;
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                exchange.loop.counters.filterFaults++;
                Faults.note("end task of a filter", e);
            }
        }
    }

    @Override public int random(int bound) {
        return java.util.concurrent.ThreadLocalRandom.current().nextInt(bound);
    }
}
