package heddle.source.kube.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.ConfigMapObject;
import heddle.api.model.CustomObject;
import heddle.api.model.HttpRoute;
import heddle.api.model.Service;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** List, watch, resume, relist, missing kinds and a server that goes away (issue: source-kube), over real HTTP. */
@Timeout(120)
class KubeSourceTest {
    private final LinkedBlockingQueue<SourceState> states = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> stale = new LinkedBlockingQueue<>();
    private FakeApi api;
    private Publisher publisher;
    private Connection connection;

    @BeforeEach void serve() throws Exception {
        api = new FakeApi();
        api.serve(Samples.ROUTES);
        api.put(Samples.SERVICES, Samples.service("shop", "oven", "10.96.0.7"));
        api.put(Samples.ROUTES, Samples.route("shop", "first", "oven"));
    }

    private void connect(Path folder) throws Exception {
        connect(api.kubeconfig(folder), KubeApi.LIMIT);
    }

    private void connect(Path kubeconfig, Duration limit) throws Exception {
        KubeMetrics metrics = new KubeMetrics(new NoMetrics());
        ObjectStore store = new ObjectStore(Samples::decode);
        PodWorkloads pods = new PodWorkloads(Optional.empty(), true, Optional.empty());
        publisher = new Publisher(store, pods, metrics);
        publisher.subscribe(new SourceObserver() {
            @Override public void onState(SourceState state) {
                states.add(state);
            }

            @Override public void onStale(String reason) {
                stale.add(reason);
            }
        });
        connection = new Connection(new Connection.Place(kubeconfig.toString(), "node1", "mesh", "heddle", "1.0", limit), metrics, store, pods, publisher);
    }

    @AfterEach void close() throws Exception {
        if (connection != null) {
            connection.close();
            publisher.close();
        }
        api.close();
    }

    @Test void firstStateHoldsWhatTheListsHeld(@TempDir Path folder) throws Exception {
        connect(folder);
        SourceState state = await(each -> true);
        assertThat(state.all(Service.class)).singleElement().satisfies(each -> assertThat(each.clusterIps()).hasToString("[/10.96.0.7]"));
        HttpRoute route = state.all(HttpRoute.class).iterator().next();
        assertThat(route.metadata().created()).contains(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(route.metadata().generation()).isEqualTo(1);
    }

    @Test void aKindThatTheServerDoesNotHaveIsSaidAndTakenUpWhenItsCrdComes(@TempDir Path folder) throws Exception {
        api.serve("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
        connect(folder);
        SourceState state = await(each -> true);
        assertThat(state.problems()).anySatisfy(each -> assertThat(each.toString()).contains("grpcroutes.gateway.networking.k8s.io is not served"));
        String path = "/apis/gateway.networking.k8s.io/v1/grpcroutes";
        awaitWatch("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
        api.put(path, Map.of("metadata", Samples.meta("shop", "calls", Map.of()), "spec", Map.of()));
        api.put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Map.of("metadata", Samples.meta("", "grpcroutes.gateway.networking.k8s.io", Map.of())));
        state = await(each -> each.all(heddle.api.model.GrpcRoute.class).size() == 1);
        assertThat(state.problems()).noneSatisfy(each -> assertThat(each.toString()).contains("grpcroutes"));
    }

    @Test void aVendorsKindIsWatchedWhileABundleDecodesIt(@TempDir Path folder) throws Exception {
        String crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        String path = "/apis/acme.example/v1/stamps";
        api.serve(crds);
        connect(folder);
        await(each -> true);
        connection.decoded(Set.of("acme.example/Stamp", "heddle.io/CircuitLimit"));
        awaitWatch(crds);
        api.serve(path, "Stamp");
        api.put(path, Map.of("metadata", Samples.meta("shop", "hello", Map.of()), "spec", Map.of("header", "x-stamp")));
        api.put(crds, Map.of("metadata", Samples.meta("", "stamps.acme.example", Map.of())));
        SourceState state = await(each -> each.all(CustomObject.class).size() == 1);
        assertThat(state.all(CustomObject.class).iterator().next().spec()).containsEntry("header", "x-stamp");
        awaitWatch(path);
        api.put(path, Map.of("metadata", Samples.meta("shop", "two", Map.of()), "spec", Map.of()));
        await(each -> each.all(CustomObject.class).size() == 2);
        connection.decoded(Set.of());
        await(each -> each.all(CustomObject.class).isEmpty());
    }

    @Test void objectsThatDidNotChangeStayTheSameInstances(@TempDir Path folder) throws Exception {
        connect(folder);
        HttpRoute before = route(await(each -> true), "first");
        api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
        SourceState after = await(each -> each.all(HttpRoute.class).size() == 2);
        assertThat(route(after, "first")).isSameAs(before);
    }

    @Test void aWriteOfStatusAloneIsNoNewState(@TempDir Path folder) throws Exception {
        connect(folder);
        HttpRoute before = route(await(each -> true), "first");
        Map<String, Object> raw = new java.util.LinkedHashMap<>(api.object(Samples.ROUTES, "shop/first"));
        raw.put("status", Map.of("parents", java.util.List.of()));
        awaitWatch(Samples.ROUTES);
        api.put(Samples.ROUTES, raw);
        api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
        await(each -> {
            assertThat(route(each, "first")).as("in every state since").isSameAs(before);
            return each.all(HttpRoute.class).size() == 2;
        });
    }

    @Test void aWatchThatEndedResumesWhereItWas(@TempDir Path folder) throws Exception {
        connect(folder);
        await(each -> true);
        awaitWatch(Samples.ROUTES);
        long lists = lists();
        api.endWatches();
        api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
        await(each -> each.all(HttpRoute.class).size() == 2);
        assertThat(lists()).isEqualTo(lists);
    }

    @Test void compactionMeansANewListAndUnchangedObjectsSurviveIt(@TempDir Path folder) throws Exception {
        connect(folder);
        HttpRoute before = route(await(each -> true), "first");
        awaitWatch(Samples.ROUTES);
        long lists = lists();
        synchronized (api) {   // nobody comes back before the compaction
            api.endWatches();
            api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
            api.compact();
        }
        SourceState after = await(each -> each.all(HttpRoute.class).size() == 2);
        assertThat(route(after, "first")).isSameAs(before);
        assertThat(lists()).isGreaterThan(lists);
    }

    @Test void aBookmarkKeepsTheWatchYoungEnoughForCompaction(@TempDir Path folder) throws Exception {
        connect(folder);
        await(each -> true);
        awaitWatch(Samples.ROUTES);
        api.put(Samples.SERVICES, Samples.service("shop", "grill", "10.96.0.8"));
        await(each -> each.all(Service.class).size() == 2);
        api.bookmark(Samples.ROUTES);
        api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
        await(each -> each.all(HttpRoute.class).size() == 2);
        long lists = lists();
        api.compact();
        api.endWatches();
        awaitWatch(Samples.ROUTES);
        assertThat(lists()).isEqualTo(lists);
    }

    @Test void whileTheServerIsAwayTheSourceIsStaleAndAfterwardsUpToDate(@TempDir Path folder) throws Exception {
        connect(folder);
        await(each -> true);
        awaitWatch(Samples.ROUTES);
        api.stop();
        assertThat(stale.poll(60, TimeUnit.SECONDS)).isNotNull();
        api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
        api.restart();
        await(each -> each.all(HttpRoute.class).size() == 2);
        // another kind's watch may have told late that its connection broke
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); !publisher.staleReason().isEmpty(); Thread.sleep(2)) {
            assertThat(System.nanoTime()).as("no longer stale within 60 s").isLessThan(end);
        }
    }

    /** Packets are dropped, and the connections that were open stay dead: the connection itself would tell after a quarter of an hour. */
    @Test void aServerThatFallsSilentIsNoticedAndWatchedAnewOverNewConnections(@TempDir Path folder) throws Exception {
        try (SilentWire wire = new SilentWire(api.port())) {
            connect(FakeApi.kubeconfig(folder, wire.port()), Duration.ofSeconds(2));
            await(each -> true);
            awaitWatch(Samples.ROUTES);
            wire.silence();
            assertThat(stale.poll(60, TimeUnit.SECONDS)).contains("no answer within");
            api.put(Samples.ROUTES, Samples.route("shop", "second", "oven"));
            wire.heard("GET /version");
            wire.newConnectionsPass();
            await(each -> each.all(HttpRoute.class).size() == 2);
        }
    }

    @Test void deletionAndAServerThatIsShortlyOverloaded(@TempDir Path folder) throws Exception {
        connect(folder);
        await(each -> true);
        awaitWatch(Samples.ROUTES);
        api.refuse(4);
        api.endWatches();
        api.delete(Samples.ROUTES, "shop/first");
        await(each -> each.all(HttpRoute.class).isEmpty());
    }

    /** SPEC.md B13: a policy's CA certificates come from ConfigMaps, of which only those that are named are watched. */
    @Test void aConfigMapIsWatchedWhileAPolicyNamesIt(@TempDir Path folder) throws Exception {
        String policies = "/apis/gateway.networking.k8s.io/v1/backendtlspolicies";
        String maps = "/api/v1/namespaces/shop/configmaps";
        api.serve(policies);
        api.put(maps, Map.of("metadata", Samples.meta("shop", "ca", Map.of()), "data", Map.of("ca.crt", "PEM")));
        connect(folder);
        SourceState state = await(each -> true);
        assertThat(state.all(ConfigMapObject.class)).isEmpty();
        awaitWatch(policies);
        api.put(policies, Map.of("metadata", Samples.meta("shop", "tls", Map.of()), "spec", Map.of(
                "targetRefs", java.util.List.of(Map.of("group", "", "kind", "Service", "name", "oven")),
                "validation", Map.of("hostname", "oven.example", "caCertificateRefs", java.util.List.of(Map.of("group", "", "kind", "ConfigMap", "name", "ca"))))));
        state = await(each -> !each.all(ConfigMapObject.class).isEmpty());
        assertThat(api.requests).filteredOn(each -> each.contains("configmaps")).allMatch(each -> each.contains("metadata.name=ca"));
        api.delete(policies, "shop/tls");
        await(each -> each.all(ConfigMapObject.class).isEmpty());
    }

    private SourceState await(Predicate<SourceState> wanted) throws InterruptedException {
        while (true) {
            SourceState next = states.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("a state").isNotNull();
            if (wanted.test(next)) {
                return next;
            }
        }
    }

    private void awaitWatch(String path) throws InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); api.watches(path) == 0; Thread.sleep(2)) {
            assertThat(System.nanoTime()).as("a watch on " + path + " within 60 s").isLessThan(end);
        }
    }

    private long lists() {
        return api.requests.stream().filter(each -> each.startsWith("GET " + Samples.ROUTES + "?limit")).count();
    }

    private static HttpRoute route(SourceState state, String name) {
        return state.all(HttpRoute.class).stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }
}
