package heddle.core.internal;

import heddle.api.model.CustomObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.FilterFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Makes filters and carries them over (DESIGN.md, hot swap: an unrelated edit must not reset a rate limit). What a plugin takes its time for
 *  holds up no other route: until its filter is there, the one before or a refusal stands in for it. On the assembler thread. */
final class FilterCells {
    /** Where a filter sits. @param backend index of the backendRef, -1 = the rule itself */
    record Slot(ObjectKey route, String rule, int backend, int index) {}

    /** On a resource: what a fault of its filter does to the request. */
    static final String ON_FAULT = "heddle.io/on-fault";

    private final Whiteboard<FilterFactory> factories;
    private final PluginGuards plugins;
    private final Runnable changed;
    private final Map<Slot, FilterCell> current = new HashMap<>();
    private final Map<FilterCell, Slot> all = new IdentityHashMap<>();
    private final Map<Slot, FilterMaking> underWay = new HashMap<>();
    /** What plugins close on their own threads, and whose it is. */
    private final Map<CompletableFuture<?>, FilterFactory> closing = new IdentityHashMap<>();
    /** Until when this build waits for filters of a plugin. */
    private final Map<PluginGuard, Long> patience = new HashMap<>();
    private volatile Set<ObjectKey> unfinished = Set.of();

    /** @param changed brings about another build; any thread */
    FilterCells(Whiteboard<FilterFactory> factories, PluginGuards plugins, Runnable changed) {
        this.factories = factories;
        this.plugins = plugins;
        this.changed = changed;
    }

    /** Begins a build. */
    void begin() {
        patience.clear();
        underWay.values().forEach(making -> {
            making.begin();
            making.guard().ifPresent(late -> patience.put(late, System.nanoTime()));
        });
    }

    /** Ends it: what was on its way and that no rule asked for again is not wanted any more. */
    void end() {
        underWay.values().removeIf(making -> {
            if (making.wanted()) return false;
            abandon(making);
            return true;
        });
        closing.keySet().removeIf(CompletableFuture::isDone);
        Set<ObjectKey> routes = new HashSet<>();
        underWay.keySet().forEach(slot -> routes.add(slot.route()));
        unfinished = Set.copyOf(routes);
    }

    /** Whether filters of the route are still being made. */
    boolean unfinished(ObjectKey route) {
        return unfinished.contains(route);
    }

    /** Whether filters of any route are still being made. Any thread. */
    boolean unfinished() {
        return !unfinished.isEmpty();
    }

    FilterCell cell(Slot slot, Route route, RouteFilter filter, List<? extends RouteMatch> matches, String where, World world, BackendResolver resolver) {
        Optional<CustomObject> resource = filter instanceof RouteFilter.ExtensionRef ref
                ? world.custom(ref.group(), ref.kind(), route.namespace(), ref.name()) : Optional.empty();
        Optional<FilterFactory> factory = factories.best(each -> each.type().equals(filter.type()));
        FilterCell.Inputs inputs = new FilterCell.Inputs(filter, List.copyOf(matches), resource, factory);
        FilterCell known = current.get(slot);
        if (known != null && known.inputs().equals(inputs) && inputs.sameBackends(known.backends(), route, resolver)) return known;
        Optional<FilterCell> made = make(slot, inputs, route, where, resolver);
        if (made.isPresent()) {
            current.put(slot, made.get());
            all.put(made.get(), slot);
            return made.get();
        }
        if (known != null && known.filter().isPresent() && known.inputs().sameReference(inputs)) return known;
        FilterCell standIn = underWay.get(slot).standIn();
        all.put(standIn, slot);
        return standIn;
    }

    /** Whether a filter of the factory is still in some plan, live or draining, is being made or closed. */
    boolean uses(FilterFactory factory) {
        closing.keySet().removeIf(CompletableFuture::isDone);
        return all.keySet().stream().anyMatch(cell -> cell.inputs().madeBy(factory)) || closing.containsValue(factory)
                || underWay.values().stream().anyMatch(making -> making.inputs().madeBy(factory));
    }

    void sweep() {
        for (Iterator<Map.Entry<FilterCell, Slot>> each = all.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<FilterCell, Slot> entry = each.next();
            FilterCell cell = entry.getKey();
            if (!cell.unused()) continue;
            current.remove(entry.getValue(), cell);
            each.remove();
            closing(cell.inputs(), cell.closed());
        }
    }

    private void closing(FilterCell.Inputs inputs, CompletableFuture<?> closed) {
        if (!closed.isDone()) inputs.factory().ifPresent(factory -> closing.put(closed, factory));
    }

    private void abandon(FilterMaking making) {
        closing(making.inputs(), making.abandon());
    }

    /** Empty: it is {@link #underWay}. */
    private Optional<FilterCell> make(Slot slot, FilterCell.Inputs inputs, Route route, String where, BackendResolver resolver) {
        FilterMaking making = underWay.remove(slot);
        if (making != null && !making.fits(inputs, resolver)) {
            abandon(making);
            making = null;
        }
        RouteFilter filter = inputs.filter();
        if (inputs.factory().isEmpty()) {
            boolean reference = filter instanceof RouteFilter.ExtensionRef;
            return Optional.of(FilterMaking.failed(inputs, new FilterCell.Problem(reference, reference ? "InvalidKind" : "UnsupportedValue",
                    where + ": no filter of type " + filter.type() + " is installed")));
        }
        if (filter instanceof RouteFilter.ExtensionRef ref && inputs.resource().isEmpty()) {
            return Optional.of(FilterMaking.failed(inputs, new FilterCell.Problem(true, "BackendNotFound",
                    where + ": " + ref.kind() + "." + ref.group() + " " + route.namespace() + "/" + ref.name() + " does not exist")));
        }
        Optional<PluginGuard> guard = plugins.of(inputs.factory().get());
        if (making == null) {
            boolean passed = inputs.resource().flatMap(each -> each.metadata().annotation(ON_FAULT)).filter("continue"::equals).isPresent();
            making = new FilterMaking(inputs, route, where, resolver, guard, passed, changed);
        }
        Optional<FilterCell> made = making.cell(guard.map(this::patience).orElse(0L));
        if (made.isPresent()) {
            making.end();
        } else {
            making.want();
            underWay.put(slot, making);
        }
        return made;
    }

    /** A build waits for all filters of one plugin together as long as one call may take, for those that were late before not at all. */
    private long patience(PluginGuard guard) {
        long now = System.nanoTime();
        return Math.max(0, patience.computeIfAbsent(guard, each -> now + guard.limits().budgetNanos()) - now);
    }
}
