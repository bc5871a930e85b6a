package heddle.gateway.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.ParentRef;
import heddle.api.model.RouteFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** ParentReference, BackendRef, BackendObjectReference, LocalObjectReference (apis/v1/shared_types.go). */
final class References {
    static final int MAX_PORT = 65_535;
    private static final int MAX_WEIGHT = 1_000_000;

    /** CommonRouteSpec. */
    static List<ParentRef> parents(Spot spec) {
        List<ParentRef> parents = new ArrayList<>();
        Map<List<Object>, List<ParentRef>> sameTarget = new HashMap<>();
        Set<ParentRef> seen = new HashSet<>();
        for (Spot spot : spec.field("parentRefs").objects(0, 32)) {
            ParentRef ref = new ParentRef(spot.field("group").text(Rules.GROUP, ParentRef.GATEWAY_GROUP), spot.field("kind").text(Rules.KIND, "Gateway"),
                    spot.field("namespace").text(Rules.NAMESPACE), name(spot), spot.field("sectionName").text(Rules.SECTION_NAME),
                    spot.field("port").integer(1, MAX_PORT));
            spot.done();
            List<ParentRef> others = sameTarget.computeIfAbsent(List.of(ref.group(), ref.kind(), ref.namespace(), ref.name()), key -> new ArrayList<>());
            if (!seen.add(ref)) {
                spot.problem("names the same parent as another parentRef (expected: another sectionName or port)");
            } else if (others.stream().anyMatch(other -> other.sectionName().isPresent() != ref.sectionName().isPresent()
                    || other.port().isPresent() != ref.port().isPresent())) {
                spot.problem("names a parent that another parentRef names too (expected: all of them with sectionName or port)");
            }
            others.add(ref);
            parents.add(ref);
        }
        spec.field("useDefaultGateways").text(TextRule.oneOf("All", "None"));
        return parents;
    }

    /** backendRefs of a rule; {@code filters} reads a ref's own. */
    static List<BackendRef> backends(Spot list, int min, Function<Spot, List<RouteFilter>> filters) {
        List<BackendRef> refs = new ArrayList<>();
        for (Spot spot : list.objects(min, 16)) {
            int weight = spot.field("weight").integer(0, MAX_WEIGHT, 1);
            refs.add(backend(spot, weight, filters.apply(spot)));
            spot.done();
        }
        return refs;
    }

    /** BackendObjectReference of a mirror or an authorization service. */
    static BackendRef single(Spot spot) {
        spot.isObject();
        BackendRef ref = backend(spot, 1, List.of());
        spot.done();
        return ref;
    }

    private static BackendRef backend(Spot spot, int weight, List<RouteFilter> filters) {
        String group = spot.field("group").text(Rules.GROUP, "");
        String kind = spot.field("kind").text(Rules.KIND, "Service");
        String name = name(spot);
        Optional<String> namespace = spot.field("namespace").text(Rules.NAMESPACE);
        Spot portField = spot.field("port");
        OptionalInt port = portField.integer(1, MAX_PORT);
        if (spot.present() && !portField.present() && group.isEmpty() && kind.equals("Service")) {
            portField.fail("a port, since the backend is a Service");
        }
        return new BackendRef(group, kind, namespace, name, port, weight, filters);
    }

    /** LocalObjectReference. */
    static RouteFilter.ExtensionRef extension(Spot spot) {
        spot.isObject();
        RouteFilter.ExtensionRef ref = new RouteFilter.ExtensionRef(group(spot), kind(spot), name(spot));
        spot.done();
        return ref;
    }

    static String group(Spot spot) {
        return spot.required("group", Rules.GROUP.expected()).text(Rules.GROUP, "");
    }

    static String kind(Spot spot) {
        return spot.required("kind", Rules.KIND.expected()).text(Rules.KIND, "");
    }

    static String name(Spot spot) {
        return spot.required("name", Rules.OBJECT_NAME.expected()).text(Rules.OBJECT_NAME, "");
    }

    private References() {}
}
