package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.RouteTable;
import heddle.api.model.ObjectKey;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Split;
import heddle.api.source.Condition;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.match.internal.TrieRouteCompiler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mesh without threads: manifests in, decisions out. */
final class TestMesh {
    static final Map<String, Object> NO_PROPERTIES = Map.of();

    final Parts parts;
    final RecentRequests recent = new RecentRequests(64);
    final SnapshotBuilder builder;
    Settings settings = Settings.DEFAULT;
    Build build = Build.EMPTY;

    TestMesh() {
        this(new Parts(), () -> {});
    }

    /** @param changed called when something has come that a build went on without */
    TestMesh(Parts parts, Runnable changed) {
        this.parts = parts;
        builder = new SnapshotBuilder(parts, Identities.startingAt(1), recent, changed);
        parts.compilers.add(new TrieRouteCompiler(), NO_PROPERTIES);
    }

    static TestMesh of(String... manifests) {
        TestMesh mesh = new TestMesh();
        mesh.apply(manifests);
        return mesh;
    }

    Build apply(String... manifests) {
        return apply(GivenState.of(manifests));
    }

    Build apply(GivenState... states) {
        List<SourceFeed> feeds = new ArrayList<>();
        for (GivenState state : states) {
            SourceFeed feed = new SourceFeed(new SilentSource("source" + feeds.size()), () -> {});
            feed.onState(state);
            feeds.add(feed);
        }
        build = builder.build(feeds, settings);
        return build;
    }

    /** Once more with the objects of the last build, after a part has come or gone. */
    Build again() {
        return apply(GivenState.of(objects()));
    }

    private List<heddle.api.model.MeshObject> objects() {
        List<heddle.api.model.MeshObject> objects = new ArrayList<>(build.world().services().values());
        build.world().slices().values().forEach(objects::addAll);
        objects.addAll(build.world().routes());
        objects.addAll(build.world().tlsPolicies());
        objects.addAll(build.world().trafficPolicies());
        objects.addAll(build.world().data().values());
        objects.addAll(build.world().workloads());
        objects.addAll(build.world().grants());
        build.world().customs().values().forEach(objects::addAll);
        return objects;
    }

    Client client(String path) {
        if (path.isEmpty()) return Client.UNKNOWN;
        String[] parts = path.split("/");
        return build.snapshot().identities().client(parts[0], parts[1]);
    }

    PortFrontend frontend(String service, int port) {
        return build.snapshot().byPort().get(new FrontendKey(name(service), port, "TCP"));
    }

    static ServiceName name(String path) {
        return new ServiceName(path.split("/")[0], path.split("/")[1]);
    }

    /** {@code shop/cart:80} a backend, {@code 404 no-route} an answer of our own, {@code own shop/cart:80} no route at all. */
    String send(String client, String service, int port, String target, String... headers) {
        return send(client(client), service, port, target, headers);
    }

    String send(Client client, String service, int port, String target, String... headers) {
        PortFrontend frontend = frontend(service, port);
        if (frontend == null) return "no frontend";
        return switch (frontend.forClient(client)) {
            case ClientPlan.Relay relay -> (relay.route().isEmpty() ? "own " : relay.route() + " ") + text(relay.split());
            case ClientPlan.Tls tls -> text(tls.table().find(target));
            case ClientPlan.Http http -> {
                int rule = http.table().match(head(client, target, headers));
                if (rule == RouteTable.NO_MATCH) yield text(http.miss());
                RulePlan plan = http.rules().get(rule);
                yield plan.failure().isNone() ? text(plan.split()) : text(plan.failure());
            }
        };
    }

    RulePlan rule(String client, String service, int port, String target, String... headers) {
        ClientPlan.Http http = (ClientPlan.Http) frontend(service, port).forClient(client(client));
        return http.rules().get(http.table().match(head(client(client), target, headers)));
    }

    private static GivenRequest head(Client client, String target, String... headers) {
        try {
            GivenRequest head = GivenRequest.of("GET", target).from(client);
            for (int i = 0; i < headers.length; i += 2) head = head.with(headers[i], headers[i + 1]);
            return head;
        } catch (BadPathException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String text(Split split) {
        BackendPlan backend = split.next();
        return backend.failure().isNone() ? backend.name() : text(backend.failure());
    }

    static String text(Failure failure) {
        return failure.status() + " " + failure.reason();
    }

    /** A policy's condition at one of its targets: {@code True Accepted}. */
    String policyCondition(String policy, int target, String type) {
        return policyCondition(policy, target).stream().filter(each -> each.type().equals(type)).map(each -> each.status() + " " + each.reason()).findFirst().orElse("");
    }

    List<Condition> policyCondition(String policy, int target) {
        return build.policies().stream().filter(each -> each.key().toString().equals(policy) && each.parents().size() > target)
                .map(each -> each.parents().get(target).conditions()).findFirst().orElse(List.of());
    }

    /** {@code True Accepted}, or "" without that condition (or without any entry of ours). */
    String condition(String route, String type) {
        return condition(route, 0, type).map(each -> each.status() + " " + each.reason()).orElse("");
    }

    String message(String route, String type) {
        return condition(route, 0, type).map(Condition::message).orElse("");
    }

    /** @param route {@code HTTPRoute shop/cart} */
    Optional<Condition> condition(String route, int parent, String type) {
        return conditions(route, parent).stream().filter(each -> each.type().equals(type)).findFirst();
    }

    List<Condition> conditions(String route, int parent) {
        String[] words = route.split("[ /]");
        ObjectKey key = new ObjectKey(words[0], words[1], words[2]);
        return build.routes().stream().filter(state -> state.key().equals(key) && state.attachments().size() > parent)
                .map(state -> new Conditions(build.sets()).judge(state.attachments().get(parent), state.rules()).conditions()).findFirst().orElse(List.of());
    }

    Optional<FrontendPlan> at(String address, int port) {
        return build.snapshot().frontend(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }

    /** Delivers what it is told, and remembers what is reported. */
    static final class SilentSource implements RouteSource {
        private final String id;

        SilentSource(String id) {
            this.id = id;
        }

        @Override public String id() {
            return id;
        }

        @Override public Registration subscribe(SourceObserver observer) {
            return () -> {};
        }
    }

    // manifests

    static String service(String path, String address, String... ports) {
        StringBuilder text = new StringBuilder("""
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: %s}
                spec:
                  clusterIP: %s
                  ports:
                """.formatted(name(path).name(), name(path).namespace(), address));
        if (ports.length == 0) text.append("  - {port: 80}\n");
        for (String port : ports) text.append("  - {").append(port).append("}\n");
        return text.toString();
    }

    static String endpoints(String path, String portName, int port, String... addresses) {
        StringBuilder text = new StringBuilder("""
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %2$s-%3$s%5$s
                  namespace: %1$s
                  labels: {kubernetes.io/service-name: %2$s}
                addressType: IPv4
                ports:
                - {name: "%3$s", port: %4$d}
                endpoints:
                """.formatted(name(path).namespace(), name(path).name(), portName, port, portName.isEmpty() ? "x" : ""));
        for (String address : addresses) text.append("- {addresses: [").append(address).append("]}\n");
        if (addresses.length == 0) text.append("[]");
        return text.toString().replace("endpoints:\n[]", "endpoints: []\n");
    }

    static String workload(String path, String serviceAccount, String labels, String address) {
        return """
                ---
                apiVersion: heddle.io/v1alpha1
                kind: Workload
                metadata:
                  name: %s
                  namespace: %s
                  labels: {%s}
                spec:
                  serviceAccountName: %s
                  addresses: [%s]
                """.formatted(name(path).name(), name(path).namespace(), labels, serviceAccount, address);
    }

    /** An HTTPRoute with one rule that matches a prefix. */
    static String route(String path, String parent, String prefix, String backend) {
        return route("HTTPRoute", path, "", parent, "- matches: [{path: {type: PathPrefix, value: " + prefix + "}}]\n    backendRefs: [" + backend + "]");
    }

    /** @param annotations YAML of the flow map's inside
     *  @param parent      YAML of the flow map's inside, without group and kind: {@code name: oven}
     *  @param rules       YAML, indented by four */
    static String route(String kind, String path, String annotations, String parent, String rules) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: %s
                metadata:
                  name: %s
                  namespace: %s
                  annotations: {%s}
                spec:
                  parentRefs:
                  - {group: "", kind: Service, %s}
                  rules:
                  %s
                """.formatted(kind, name(path).name(), name(path).namespace(), annotations, parent, rules);
    }
}
