package heddle.core.internal;

import heddle.api.isolation.Leash;
import heddle.api.model.Durations;
import heddle.api.plan.PluginFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One plugin bundle at its work: a few threads of its own with a short queue, counts, and a budget for each call. A call over its budget
 *  makes the whole plugin faulty: from then on its filters are not called any more, until its bundle is replaced or started anew. */
final class PluginGuard implements AutoCloseable {
    private static final Logger LOG = System.getLogger("heddle.plugins");
    private static final AtomicInteger THREADS = new AtomicInteger();

    /** @param threads at once @param queue calls that wait @param budgetNanos a call, from its begin */
    record Limits(int threads, int queue, long budgetNanos) {
        static final Limits DEFAULT = new Limits(4, 256, 2_000_000_000L);

        static Limits of(CoreSettings given) {
            return new Limits(given.plugins_threads(), given.plugins_queue(), Durations.parse("plugins.budget", given.plugins_budget()).toNanos());
        }

        String budget() {
            return "plugins.budget, " + budgetNanos / 1_000_000 + " ms";
        }
    }

    /** A call was not made, or not waited for. */
    static final class PluginFault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PluginFault(String message) {
            super(message, null, false, false);
        }
    }

    /** How the first calls of a version went. */
    enum Start { OPEN, GOOD, BAD }

    /** So many faults among the first calls are a bad start. */
    private static final int BAD_START = 3;
    private static final int FIRST_CALLS = 20;
    /** To make a filter loads the plugin's classes and perhaps its keys, to close it may end its connections: either may take so many times the budget of a call. */
    private static final int ASIDE = 10;

    private final String name;
    private final Limits limits;
    private final WatchClock clock;
    private final LoopCalls loops;
    private final LongConsumer lowest;
    private final ThreadGroup group;
    private final ThreadPoolExecutor executor;
    /** Apart from the calls: those may wait for what comes here. Not limited but by the exchanges that there are. */
    private final ThreadPoolExecutor callBacks;
    private final ThreadPoolExecutor makes;
    private final ThreadPoolExecutor closes;
    /** What waits or runs in these two. */
    private final Queue<String> aside = new ConcurrentLinkedQueue<>();
    private final Set<Call> running = ConcurrentHashMap.newKeySet();
    private final LongAdder done = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final LongAdder overdue = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile String faulty = "";

    /** @param lowest gives a thread, by the kernel's id, the lowest priority */
    PluginGuard(String name, Limits limits, WatchClock clock, LoopCalls loops, LongConsumer lowest) {
        this.name = name;
        this.limits = limits;
        this.clock = clock;
        this.loops = loops;
        this.lowest = lowest;
        group = new ThreadGroup("plugin " + name);
        executor = pool(limits.threads(), new ArrayBlockingQueue<>(limits.queue()));
        callBacks = pool(limits.threads(), new LinkedBlockingQueue<>());
        makes = pool(1, new LinkedBlockingQueue<>());
        closes = pool(1, new LinkedBlockingQueue<>());
    }

    private ThreadPoolExecutor pool(int threads, BlockingQueue<Runnable> queue) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, queue, this::thread);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private PluginThread thread(Runnable work) {
        return new PluginThread(group, work, "plugin-" + THREADS.incrementAndGet() + " " + name);
    }

    Limits limits() {
        return limits;
    }

    String name() {
        return name;
    }

    /** Why its filters are not called any more; "" while they are. */
    String faulty() {
        return faulty;
    }

    /** What is made or let go of beside the requests; "" when nothing is. */
    String making() {
        String what = aside.peek();
        return what == null ? "" : "plugin " + name + ": " + what;
    }

    /** Calls by how they ended: {@code ok}, {@code fault}, {@code overdue}, {@code refused} (not begun: too many at once, or faulty). */
    List<Count> counts() {
        return List.of(new Count("ok", done.sum()), new Count("fault", faults.sum()), new Count("overdue", overdue.sum()), new Count("refused", refused.sum()));
    }

    record Count(String result, long value) {}

    Start start() {
        long bad = faults.sum() + overdue.sum();
        long all = bad + done.sum();
        if (bad >= BAD_START && all <= FIRST_CALLS || !faulty.isEmpty() && all <= FIRST_CALLS) return Start.BAD;
        return all > FIRST_CALLS ? Start.GOOD : Start.OPEN;
    }

    /** A call of a filter, on the plugin's threads. */
    void call(String what, Runnable work, PluginFilter.End end) {
        begin(new Call(what, 1, work, end), executor);
    }

    /** What a filter has asked for during a call and that comes later: the same, on other threads of the plugin's. */
    void callBack(String what, Runnable work, PluginFilter.End end) {
        begin(new Call(what, 1, work, end), callBacks);
    }

    private void begin(Call call, ThreadPoolExecutor on) {
        try {
            if (faulty.isEmpty()) on.execute(call);
            else call.refuse(isFaulty());
        } catch (RejectedExecutionException full) {
            if (!faulty.isEmpty()) call.refuse(isFaulty());
            else call.refuse(on.isShutdown() ? hasLeft() : "plugin " + name + " is busy: " + limits.threads() + " calls run and " + limits.queue() + " wait");
        }
    }

    /** Makes something of the plugin on a thread beside those of its calls, one after the other. It may take ten times the budget of a call.
     *  @return fails with a {@link PluginFault} when it took longer or the plugin is faulty, else with the exception that {@code work} threw */
    <T> CompletableFuture<T> make(String what, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        begin(aside(what, work, result), makes);
        return result;
    }

    /** The same for what the plugin is to let go of, which a faulty one does too. */
    CompletableFuture<?> letGo(String what, Runnable work) {
        CompletableFuture<String> result = new CompletableFuture<>();
        Call call = aside(what, () -> {
            work.run();
            return what;
        }, result);
        try {
            closes.execute(call);
        } catch (RejectedExecutionException left) {
            call.refuse(hasLeft());
        }
        return result;
    }

    private <T> Call aside(String what, Callable<T> work, CompletableFuture<T> result) {
        List<T> made = new ArrayList<>(1);
        List<Exception> refusal = new ArrayList<>(1);
        aside.add(what);
        return new Call(what, ASIDE, () -> {
            try {
                made.add(work.call());
            } catch (RuntimeException fault) {
                throw fault;
            } catch (Exception declared) {                          // such as InvalidFilterException: an answer, not a fault
                refusal.add(declared);
            }
        }, (fault, still) -> {
            aside.remove(what);
            if (fault instanceof Exception) result.completeExceptionally(fault);
            else if (fault != null) result.completeExceptionally(new PluginFault("plugin " + name + ": " + what + ": " + fault));
            else if (!refusal.isEmpty()) result.completeExceptionally(refusal.getFirst());
            else result.complete(made.getFirst());
        });
    }

    private String hasLeft() {
        return "plugin " + name + " has left";
    }

    /** Its refusal of a call while it is {@link #faulty}. */
    String isFaulty() {
        return "plugin " + name + " is faulty: " + faulty;
    }

    /** A call on the event loop begins; its end is told to {@link #onLoop}. */
    LoopCalls.Slot beginOnLoop(String what) {
        return loops.begin(this, what);
    }

    void onLoop(LoopCalls.Slot call, boolean well) {
        if (call.end()) overdue.increment();
        else (well ? done : faults).increment();
    }

    /** The plugin did something wrong that is not a filter's call. */
    void fault() {
        faults.increment();
    }

    /** Looks for calls over their budget; from the watchdog's thread. */
    void watch(long now) {
        for (Call call : running) call.look(now);
    }

    void condemn(String why, StackTraceElement[] stack) {
        synchronized (this) {
            if (!faulty.isEmpty()) return;
            faulty = why;
        }
        StringBuilder at = new StringBuilder();
        for (int i = 0; i < Math.min(8, stack.length); i++) at.append("\n\tat ").append(stack[i]);
        LOG.log(Level.ERROR, "plugin {0} is faulty: {1}. Its filters are not called any more (500, or passed where a resource says heddle.io/on-fault: continue) until the bundle is replaced or started anew{2}",
                name, why, at);
        refuseWaiting(isFaulty(), executor, callBacks, makes);
    }

    /** No call begins any more, and threads that come back end. */
    private static void refuseWaiting(String why, ThreadPoolExecutor... pools) {
        List<Runnable> waiting = new ArrayList<>();
        for (ThreadPoolExecutor pool : pools) {
            pool.getQueue().drainTo(waiting);
            pool.shutdown();
        }
        for (Runnable call : waiting) ((Call) call).refuse(why);
    }

    /** The plugin has left. What still runs in its name, threads that it started included, is made to end. */
    @Override public void close() {
        refuseWaiting(hasLeft(), executor, callBacks, makes, closes);
        for (Call call : running) call.abort(hasLeft());
        for (Thread each : threads()) stop(each);
    }

    /** After its close: true when nothing runs in its name any more; what does is asked again. */
    boolean gone() {
        List<Thread> left = threads();
        left.forEach(this::stop);
        return left.isEmpty();
    }

    /** Its own and those that its calls started, as far as they live. */
    private List<Thread> threads() {
        Thread[] all = new Thread[group.activeCount() + 8];
        return Arrays.asList(all).subList(0, group.enumerate(all));
    }

    private void stop(Thread thread) {
        Leash.pull(thread);
        thread.interrupt();
        if (thread instanceof PluginThread plugin && plugin.id() != 0) lowest.accept(plugin.id());
    }

    private final class Call implements Runnable {
        private final String what;
        private final int budgets;
        private final Runnable work;
        private final PluginFilter.End end;
        private boolean told;
        private long since;
        private @Nullable PluginThread thread;
        private @Nullable CallTime time;

        Call(String what, int budgets, Runnable work, PluginFilter.End end) {
            this.what = what;
            this.budgets = budgets;
            this.work = work;
            this.end = end;
        }

        @Override public void run() {
            synchronized (this) {
                if (told) return;
                thread = (PluginThread) Thread.currentThread();
                since = clock.now();
            }
            running.add(this);
            Throwable fault = null;
            try {
                work.run();
            } catch (Throwable thrown) {                            // OutOfMemoryError, StackOverflowError, AbortedCall: all of them are this plugin's
                fault = thrown;
            }
            synchronized (this) {
                thread = null;
                Leash.release(Thread.currentThread());
                Thread.interrupted();
            }
            running.remove(this);
            if (claim()) tell(fault, false, fault == null ? done : faults);
        }

        /** True for the first who asks: the one who tells. */
        private synchronized boolean claim() {
            boolean first = !told;
            told = true;
            return first;
        }

        private void tell(@Nullable Throwable fault, boolean still, LongAdder count) {
            count.increment();
            try {
                end.ended(fault, still);
            } catch (RuntimeException gone) {                        // an event loop that has ended
                LOG.log(Level.DEBUG, "nobody waits for " + what + " any more", gone);
            }
        }

        /** Over its budget: whoever waits is told, the thread is made to end; again at every look, since a plugin may swallow an interrupt. */
        void look(long now) {
            StackTraceElement[] stack;
            synchronized (this) {
                PluginThread busy = thread;
                if (busy == null || now - since < budgets * limits.budgetNanos() / 4) return;
                PluginThread.Sample sample = busy.sample();
                CallTime known = time;
                if (known == null) time = known = new CallTime(since, now, sample);
                if (known.look(now, sample) <= budgets * limits.budgetNanos()) return;
                stack = busy.getStackTrace();
                stop(busy);
                if (!claim()) return;
            }
            String why = what + " ran longer than " + (budgets > 1 ? budgets + " times " : "") + limits.budget();
            condemn(why, stack);
            tell(new PluginFault("plugin " + name + ": " + why), true, overdue);
        }

        void refuse(String why) {
            if (claim()) tell(new PluginFault(why), false, refused);
        }

        void abort(String why) {
            boolean still;
            synchronized (this) {
                still = thread != null;
                if (thread != null) stop(thread);
                if (!claim()) return;
            }
            tell(new PluginFault(why), still, refused);
        }
    }
}
