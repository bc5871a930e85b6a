package heddle.core.internal;

import heddle.api.model.SessionPersistence;
import heddle.api.plan.Failure;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Sessions;
import heddle.api.plan.Split;
import heddle.api.policy.Filter;
import heddle.api.telemetry.ExchangeRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One rule of an HTTPRoute or GRPCRoute. The same instance over many snapshots, while its recipe is the same. */
final class HeldRule extends Held implements RulePlan {
    /** All that a rule's plan is made from; equal recipes make equal plans. Filters, pools and recorders are compared by identity. */
    record Recipe(String route, String rule, Failure failure, List<FilterCell> filters, List<Target> targets, long requestNanos,
                  long backendNanos, Optional<RetrySpec> retry, Optional<SessionPersistence> session, SessionTokens tokens, RuleRecorder recorder) {}

    /** One backendRef, resolved, with its own filters. */
    record Target(BackendResolver.Resolved backend, List<FilterCell> filters) {}

    record RetrySpec(List<Integer> codes, List<Integer> grpcCodes, int attempts, long backoffNanos) {}

    private final Recipe recipe;
    private final List<Filter> filters;
    private final WeightedSplit split;
    private final Optional<RetryPolicy> retry;
    private final Optional<Sessions> sessions;
    private final LeaseBlock.Lease lease;

    HeldRule(Recipe recipe, LeaseBlock.Lease lease) {
        super(uses(recipe));
        this.recipe = recipe;
        this.lease = lease;
        this.filters = recipe.failure().isNone() ? recipe.filters().stream().map(cell -> cell.filter().orElseThrow()).toList() : List.of();
        this.split = new WeightedSplit(recipe.targets().stream()
                .map(target -> new WeightedSplit.Share(target.backend().plan(target.filters()), target.backend().weight())).toList());
        this.sessions = RuleSessions.of(recipe, split.shares(), () -> System.currentTimeMillis() / 1000);
        this.retry = recipe.retry().map(spec -> new RetryPolicy(spec.codes(), spec.grpcCodes(), spec.attempts(), spec.backoffNanos()));
    }

    private static List<Shared> uses(Recipe recipe) {
        List<Shared> uses = new ArrayList<>(recipe.filters());
        for (Target target : recipe.targets()) {
            target.backend().pool().ifPresent(uses::add);
            uses.addAll(target.filters());
        }
        uses.add(recipe.recorder());
        return uses;
    }

    Recipe recipe() {
        return recipe;
    }

    @Override public String route() {
        return recipe.route();
    }

    @Override public String rule() {
        return recipe.rule();
    }

    @Override public Failure failure() {
        return recipe.failure();
    }

    @Override public List<Filter> filters() {
        return filters;
    }

    @Override public Split split() {
        return split;
    }

    WeightedSplit weighted() {
        return split;
    }

    @Override public long requestTimeoutNanos() {
        return recipe.requestNanos();
    }

    @Override public long backendTimeoutNanos() {
        return recipe.backendNanos();
    }

    @Override public Optional<RetryPolicy> retry() {
        return retry;
    }

    @Override public Optional<Sessions> sessions() {
        return sessions;
    }

    @Override public ExchangeRecorder recorder() {
        return recipe.recorder();
    }

    @Override public void begin(int loop) {
        lease.begin(loop);
    }

    @Override public void end(int loop) {
        lease.end(loop);
    }

    @Override long leases() {
        return lease.held();
    }

    @Override public String toString() {
        return recipe.route() + " rule " + recipe.rule();
    }
}
