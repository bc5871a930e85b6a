package heddle.core.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.ConfigMapObject;
import heddle.api.model.CustomObject;
import heddle.api.model.EndpointSlice;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.Route;
import heddle.api.model.SecretObject;
import heddle.api.model.Service;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.model.Workload;
import heddle.api.source.SourceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Merges the sources' states by (kind, namespace, name); the copy of the better source is in force, the other is shadowed. */
final class ObjectStore {
    private static final List<Class<? extends Route>> ROUTE_KINDS =
            List.of(HttpRoute.class, GrpcRoute.class, TlsRoute.class, TcpRoute.class, UdpRoute.class);

    private final Map<ObjectKey, SourceFeed> owners = new HashMap<>();
    private final Map<SourceFeed, List<String>> shadowed = new HashMap<>();

    private ObjectStore() {}

    /** @param feeds best source first */
    static World merge(List<SourceFeed> feeds) {
        return new ObjectStore().world(feeds);
    }

    private World world(List<SourceFeed> feeds) {
        Map<ServiceName, Service> services = new LinkedHashMap<>();
        for (Service service : merged(feeds, Service.class)) services.put(ServiceName.of(service), service);
        Map<ServiceName, List<EndpointSlice>> slices = new HashMap<>();
        for (EndpointSlice slice : merged(feeds, EndpointSlice.class)) {
            slices.computeIfAbsent(new ServiceName(slice.namespace(), slice.serviceName()), name -> new ArrayList<>(2)).add(slice);
        }
        List<Route> routes = new ArrayList<>();
        for (Class<? extends Route> kind : ROUTE_KINDS) routes.addAll(merged(feeds, kind));
        Map<ObjectKey, List<CustomObject>> customs = new HashMap<>();
        for (CustomObject object : customs(feeds)) customs.computeIfAbsent(object.key(), key -> new ArrayList<>(1)).add(object);
        Map<ObjectKey, MeshObject> data = new LinkedHashMap<>();
        merged(feeds, ConfigMapObject.class).forEach(object -> data.put(object.key(), object));
        merged(feeds, SecretObject.class).forEach(object -> data.put(object.key(), object));
        return new World(services, slices, routes, merged(feeds, Workload.class), merged(feeds, ReferenceGrant.class), customs,
                merged(feeds, BackendTlsPolicy.class), merged(feeds, BackendTrafficPolicy.class), data, owners, shadowed);
    }

    private <T extends MeshObject> List<T> merged(List<SourceFeed> feeds, Class<T> kind) {
        boolean owned = Route.class.isAssignableFrom(kind) || kind == BackendTlsPolicy.class || kind == BackendTrafficPolicy.class;
        Map<ObjectKey, T> winners = new LinkedHashMap<>();
        for (SourceFeed feed : feeds) {
            SourceState state = feed.state().orElse(null);
            if (state == null) continue;
            for (T object : state.all(kind)) {
                if (winners.putIfAbsent(object.key(), object) != null) shadow(feed, object);
                else if (owned) owners.put(object.key(), feed);
            }
        }
        return List.copyOf(winners.values());
    }

    /** Kinds of different groups may share a name, so the group counts too. */
    private List<CustomObject> customs(List<SourceFeed> feeds) {
        Map<String, Map<ObjectKey, CustomObject>> winners = new HashMap<>();
        List<CustomObject> all = new ArrayList<>();
        for (SourceFeed feed : feeds) {
            SourceState state = feed.state().orElse(null);
            if (state == null) continue;
            for (CustomObject object : state.all(CustomObject.class)) {
                if (winners.computeIfAbsent(object.group(), group -> new HashMap<>()).putIfAbsent(object.key(), object) == null) all.add(object);
                else shadow(feed, object);
            }
        }
        return all;
    }

    private void shadow(SourceFeed feed, MeshObject object) {
        shadowed.computeIfAbsent(feed, source -> new ArrayList<>()).add(object.key().toString());
    }
}
