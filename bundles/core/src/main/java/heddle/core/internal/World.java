package heddle.core.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.CustomObject;
import heddle.api.model.EndpointSlice;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.Route;
import heddle.api.model.Service;
import heddle.api.model.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All sources merged into one state (SPEC.md, further decisions: the same object from two sources).
 *  @param data     ConfigMaps and Secrets
 *  @param owners   whose copy of a route or policy is in force, for its status
 *  @param shadowed labels of the copies that are not, by source */
record World(Map<ServiceName, Service> services, Map<ServiceName, List<EndpointSlice>> slices, List<Route> routes,
             List<Workload> workloads, List<ReferenceGrant> grants, Map<ObjectKey, List<CustomObject>> customs,
             List<BackendTlsPolicy> tlsPolicies, List<BackendTrafficPolicy> trafficPolicies, Map<ObjectKey, MeshObject> data,
             Map<ObjectKey, SourceFeed> owners, Map<SourceFeed, List<String>> shadowed) {
    static final World EMPTY = new World(Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of(), List.of(), List.of(), Map.of(), Map.of(), Map.of());

    Optional<Service> service(ServiceName name) {
        return Optional.ofNullable(services.get(name));
    }

    List<EndpointSlice> slices(ServiceName name) {
        return slices.getOrDefault(name, List.of());
    }

    Optional<CustomObject> custom(String group, String kind, String namespace, String name) {
        return customs.getOrDefault(new ObjectKey(kind, namespace, name), List.of()).stream()
                .filter(object -> object.group().equals(group)).findFirst();
    }
}
