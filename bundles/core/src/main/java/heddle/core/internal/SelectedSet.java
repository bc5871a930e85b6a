package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.plan.ClientPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Routes of one scope that are narrowed to some clients: each client's set is every one that matches it (SPEC.md, per-workload routes).
 *  The sets of known workloads are compiled with the snapshot, any other when its client first comes. */
final class SelectedSet {
    private final SetInputs all;
    private final List<ClientSelector> selectors;
    private final Map<BitSet, CompiledSet> compiled = new ConcurrentHashMap<>();

    /** @param selectors by route of {@code all} */
    SelectedSet(SetInputs all, List<ClientSelector> selectors) {
        this.all = all;
        this.selectors = List.copyOf(selectors);
    }

    boolean madeFrom(SetInputs inputs) {
        return all.same(inputs);
    }

    /** On event loops; compiles only for clients that no Workload object describes. */
    Optional<ClientPlan> plan(Client.Known client) {
        return set(client).map(CompiledSet::plan);
    }

    Optional<CompiledSet> set(Client.Known client) {
        BitSet matching = new BitSet();
        for (int i = 0; i < selectors.size(); i++) if (selectors.get(i).matches(client)) matching.set(i);
        return matching.isEmpty() ? Optional.empty() : Optional.of(compiled.computeIfAbsent(matching, this::compile));
    }

    /** For status: routes of one selector judged together, since they certainly meet in one client's set. */
    List<CompiledSet> bySelector() {
        List<CompiledSet> sets = new ArrayList<>();
        List<String> texts = selectors.stream().map(ClientSelector::text).toList();
        for (String text : texts.stream().distinct().toList()) {
            BitSet group = new BitSet();
            for (int i = 0; i < texts.size(); i++) if (texts.get(i).equals(text)) group.set(i);
            sets.add(compiled.computeIfAbsent(group, this::compile));
        }
        return sets;
    }

    Collection<CompiledSet> compiled() {
        return compiled.values();
    }

    void mark(long build) {
        all.routes().forEach(route -> route.mark(build));
        all.own().mark(build);
    }

    private CompiledSet compile(BitSet matching) {
        List<RouteRules> routes = matching.stream().mapToObj(all.routes()::get).toList();
        SetInputs inputs = new SetInputs(all.frontend(), all.set(), routes, all.expect(), all.own(), all.compilers());
        try {
            return SetCompiler.compile(inputs, Optional.empty());
        } catch (RuntimeException | Error e) {
            return SetCompiler.failed(inputs, "route compiler failed: " + e);
        }
    }
}
