package heddle.core.internal;

import heddle.api.model.CustomObject;
import heddle.api.model.MeshObject;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.Service;
import java.util.ArrayList;
import java.util.List;

/** All that a rule's plan depends on besides its route: while nothing of it changes, the plans of unchanged routes need no look.
 *  @param policies BackendTLSPolicies, XBackendTrafficPolicies, and the ConfigMaps and Secrets that they may name
 *  @param parts the factories and sinks, ranked */
record Surroundings(List<Service> services, List<ReferenceGrant> grants, List<CustomObject> customs, List<MeshObject> policies, List<Ranked<?>> parts, Settings settings) {
    static Surroundings of(World world, Parts parts, Settings settings) {
        List<Ranked<?>> ranked = new ArrayList<>();
        ranked.addAll(parts.filters.all());
        ranked.addAll(parts.balancers.all());
        ranked.addAll(parts.predicates.all());
        ranked.addAll(parts.sinks.all());
        List<MeshObject> policies = new ArrayList<>(world.tlsPolicies());
        policies.addAll(world.trafficPolicies());
        policies.addAll(world.data().values());
        return new Surroundings(new ArrayList<>(world.services().values()), world.grants(),
                world.customs().values().stream().flatMap(List::stream).toList(), policies, ranked, settings);
    }

    boolean same(Surroundings other) {
        return sameInstances(services, other.services) && sameInstances(grants, other.grants) && sameInstances(customs, other.customs)
                && sameInstances(policies, other.policies) && parts.equals(other.parts) && settings.equals(other.settings);
    }

    private static boolean sameInstances(List<?> one, List<?> other) {
        if (one.size() != other.size()) return false;
        for (int i = 0; i < one.size(); i++) if (one.get(i) != other.get(i)) return false;
        return true;
    }
}
