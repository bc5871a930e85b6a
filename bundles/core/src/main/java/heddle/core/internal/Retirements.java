package heddle.core.internal;

import heddle.api.plan.RulePlan;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/** Replaced plans on their way out: first every event loop passes once, then their leases run down, then what only they used is closed.
 *  An edit alone never cuts an exchange short; a service that leaves does, when its time to drain is over: what still uses it is reset and
 *  counted (DESIGN.md, hot swap). On the assembler thread, but for {@link #limit}. */
final class Retirements {
    private static final Logger LOG = System.getLogger(Retirements.class.getName());
    private static final long GRACE = Duration.ofSeconds(1).toNanos();
    /** How often exchanges are asked whether they still need what leaves. */
    private static final long ASK = Duration.ofMillis(200).toNanos();

    private final DataPlane plane;
    private final CoreMetrics metrics;
    private final DrainCounts counts;
    private final List<Batch> batches = new ArrayList<>();
    private final Queue<Limit> limits = new ConcurrentLinkedQueue<>();

    Retirements(DataPlane plane, CoreMetrics metrics, DrainCounts counts) {
        this.plane = plane;
        this.metrics = metrics;
        this.counts = counts;
    }

    private static final class Batch {
        final List<Held> plans;
        final CompletableFuture<Void> passed;
        private boolean counted;

        Batch(List<Held> plans, CompletableFuture<Void> passed) {
            this.plans = plans;
            this.passed = passed;
        }

        /** Once, when no event loop takes a new lease any more: how many are to be waited for. */
        long held() {
            if (counted) return 0;
            counted = true;
            return plans.stream().mapToLong(plan -> Math.max(0, plan.leases())).sum();
        }
    }

    private static final class Limit {
        final Predicate<Shared> leaving;
        final long deadline;
        /** Each once, also when the snapshot without it is published after the deadline. */
        final Set<Held> reset = Collections.newSetFromMap(new IdentityHashMap<>());
        /** When exchanges were asked last; 0 = not yet. */
        long asked;
        /** Those whose exchanges were asked at the end too, and that every event loop has done so. */
        final Set<Held> askedAtEnd = Collections.newSetFromMap(new IdentityHashMap<>());
        CompletableFuture<Void> answered = CompletableFuture.completedFuture(null);

        Limit(Predicate<Shared> leaving, long deadline) {
            this.leaving = leaving;
            this.deadline = deadline;
        }

        boolean concerns(Held plan) {
            return plan.uses().stream().anyMatch(leaving);
        }
    }

    /** Call after the snapshot without these plans is published. */
    void add(List<Held> plans) {
        if (!plans.isEmpty()) batches.add(new Batch(new ArrayList<>(plans), plane.quiesce()));
    }

    /** Plans that use something leaving end by the deadline. Any thread.
     *  @return to be run when it has left: what is remembered of it would keep its classes */
    Runnable limit(Predicate<Shared> leaving, long deadline) {
        Limit limit = new Limit(leaving, deadline);
        limits.add(limit);
        return () -> limits.remove(limit);
    }

    boolean none() {
        return batches.isEmpty();
    }

    /** Lets go of what has ended. Returns whether anything did. */
    boolean poll(long now) {
        boolean released = false;
        for (Iterator<Limit> each = limits.iterator(); each.hasNext(); ) {
            Limit limit = each.next();
            if (now - limit.deadline < 0) {
                ask(limit, now);
                continue;
            }
            askAtEnd(limit);
            if (!limit.answered.isDone() && now - limit.deadline < GRACE) continue;
            reset(limit);
            if (now - limit.deadline < GRACE) continue;
            for (Batch batch : batches) released |= batch.plans.removeIf(plan -> limit.concerns(plan) && release(plan));
            each.remove();
        }
        for (Batch batch : batches) {
            if (!batch.passed.isDone()) continue;
            counts.leases(batch.held());
            released |= batch.plans.removeIf(plan -> plan.leases() <= 0 && release(plan));
        }
        batches.removeIf(batch -> batch.plans.isEmpty());
        return released;
    }

    private static boolean release(Held plan) {
        plan.release();
        return true;
    }

    private void ask(Limit limit, long now) {
        if (limit.asked != 0 && now - limit.asked < ASK) return;
        List<Held> held = held(limit, true);
        if (held.isEmpty()) return;
        limit.asked = now;
        plane.letGo(rules(held));
    }

    private void askAtEnd(Limit limit) {
        List<Held> held = held(limit, false).stream().filter(limit.askedAtEnd::add).toList();
        if (held.isEmpty()) return;
        plane.letGo(rules(held));
        limit.answered = plane.quiesce();
    }

    /** Plans in use of which something leaves.
     *  @param passed only those that no event loop takes a new lease of */
    private List<Held> held(Limit limit, boolean passed) {
        return batches.stream().filter(batch -> !passed || batch.passed.isDone()).flatMap(batch -> batch.plans.stream()).filter(plan -> plan.leases() > 0 && limit.concerns(plan)).toList();
    }

    private static List<RulePlan> rules(List<Held> held) {
        return held.stream().filter(RulePlan.class::isInstance).map(RulePlan.class::cast).toList();
    }

    private void reset(Limit limit) {
        List<Held> late = held(limit, false).stream().filter(limit.reset::add).toList();
        long held = late.stream().mapToLong(Held::leases).sum();
        if (held == 0) return;
        LOG.log(Level.WARNING, held + " exchanges did not end within the time to drain and are reset: " + late);
        metrics.drainReset(held);
        counts.failed(held);
        plane.reset(rules(late));
    }
}
