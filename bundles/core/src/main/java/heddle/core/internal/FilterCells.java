package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Backend;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes filters and carries them over (DESIGN.md, hot swap: an unrelated edit must not reset a rate limit). On the assembler thread. */
final class FilterCells {
    /** Where a filter sits. @param backend index of the backendRef, -1 = the rule itself */
    record Slot(ObjectKey route, String rule, int backend, int index) {}

    /** On a resource: what a fault of its filter does to the request. */
    static final String ON_FAULT = "heddle.io/on-fault";

    private final Whiteboard<FilterFactory> factories;
    private final PluginGuards plugins;
    private final Map<Slot, FilterCell> current = new HashMap<>();
    private final Map<FilterCell, Slot> all = new IdentityHashMap<>();

    FilterCells(Whiteboard<FilterFactory> factories, PluginGuards plugins) {
        this.factories = factories;
        this.plugins = plugins;
    }

    FilterCell cell(Slot slot, Route route, RouteFilter filter, List<? extends RouteMatch> matches, String where, World world, BackendResolver resolver) {
        Optional<CustomObject> resource = filter instanceof RouteFilter.ExtensionRef ref
                ? world.custom(ref.group(), ref.kind(), route.namespace(), ref.name()) : Optional.empty();
        Optional<FilterFactory> factory = factories.best(each -> each.type().equals(filter.type()));
        FilterCell.Inputs inputs = new FilterCell.Inputs(filter, List.copyOf(matches), resource, factory);
        FilterCell known = current.get(slot);
        if (known != null && known.inputs().equals(inputs) && sameBackends(known, route, resolver)) return known;
        FilterCell made = make(inputs, route, where, resolver);
        current.put(slot, made);
        all.put(made, slot);
        return made;
    }

    /** Whether a filter of the factory is still in some plan, live or draining. */
    boolean uses(FilterFactory factory) {
        return all.keySet().stream().anyMatch(cell -> cell.madeBy(factory));
    }

    void sweep() {
        List<FilterCell> unused = all.keySet().stream().filter(Shared::unused).toList();
        for (FilterCell cell : unused) {
            current.remove(all.remove(cell), cell);
            cell.close();
        }
    }

    private static boolean sameBackends(FilterCell cell, Route route, BackendResolver resolver) {
        for (Map.Entry<BackendRef, BackendResolver.Resolved> entry : cell.backends().entrySet()) {
            if (!resolver.resolve(route, entry.getKey(), use(cell.inputs().filter())).equals(entry.getValue())) return false;
        }
        return true;
    }

    private FilterCell make(FilterCell.Inputs inputs, Route route, String where, BackendResolver resolver) {
        RouteFilter filter = inputs.filter();
        if (inputs.factory().isEmpty()) {
            boolean reference = filter instanceof RouteFilter.ExtensionRef;
            return failed(inputs, new FilterCell.Problem(reference, reference ? "InvalidKind" : "UnsupportedValue",
                    where + ": no filter of type " + filter.type() + " is installed"));
        }
        if (filter instanceof RouteFilter.ExtensionRef ref && inputs.resource().isEmpty()) {
            return failed(inputs, new FilterCell.Problem(true, "BackendNotFound",
                    where + ": " + ref.kind() + "." + ref.group() + " " + route.namespace() + "/" + ref.name() + " does not exist"));
        }
        Spec spec = new Spec(inputs, where, route, resolver);
        try {
            FilterFactory factory = inputs.factory().get();
            Optional<PluginGuard> guard = plugins.of(factory);
            if (guard.isEmpty()) return new FilterCell(inputs, Optional.of(factory.create(spec)), Optional.empty(), spec.asked);
            boolean passed = inputs.resource().flatMap(each -> each.metadata().annotation(ON_FAULT)).filter("continue"::equals).isPresent();
            Filter made = guard.get().aside("create of " + factory.getClass().getName() + " for " + where, () -> GuardedFilter.of(factory.create(spec), guard.get(), where, passed));
            return new FilterCell(inputs, Optional.of(made), Optional.empty(), spec.asked);
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
            return failed(inputs, new FilterCell.Problem(false, "UnsupportedValue", where + ": the daemon ends"));
        } catch (Exception | LinkageError e) {
            return failed(inputs, new FilterCell.Problem(false, "UnsupportedValue", where + ": " + e.getMessage()));
        }
    }

    private static FilterCell failed(FilterCell.Inputs inputs, FilterCell.Problem problem) {
        return new FilterCell(inputs, Optional.empty(), Optional.of(problem), Map.of());
    }

    private static BackendResolver.Use use(RouteFilter filter) {
        return filter instanceof RouteFilter.ExternalAuth auth && auth.grpc() ? BackendResolver.Use.GRPC : BackendResolver.Use.HTTP;
    }

    /** What a factory sees; notes the backends that it asks for. */
    private static final class Spec implements FilterSpec {
        private final FilterCell.Inputs inputs;
        private final String where;
        private final Route route;
        private final BackendResolver resolver;
        private final Map<BackendRef, BackendResolver.Resolved> asked = new LinkedHashMap<>();

        Spec(FilterCell.Inputs inputs, String where, Route route, BackendResolver resolver) {
            this.inputs = inputs;
            this.where = where;
            this.route = route;
            this.resolver = resolver;
        }

        @Override public RouteFilter filter() {
            return inputs.filter();
        }

        @Override public Optional<CustomObject> resource() {
            return inputs.resource();
        }

        @Override public List<RouteMatch> matches() {
            return inputs.matches();
        }

        @Override public String where() {
            return where;
        }

        @Override public Backend backend(BackendRef ref) {
            return asked.computeIfAbsent(ref, each -> resolver.resolve(route, each, use(inputs.filter()))).plan(List.of());
        }
    }
}
