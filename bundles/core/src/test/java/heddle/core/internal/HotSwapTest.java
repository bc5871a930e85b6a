package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.admin.MeshInspector.Published;
import heddle.api.identity.Client;
import heddle.api.match.GivenRequest;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.RulePlan;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.match.internal.TrieRouteCompiler;
import java.lang.annotation.Annotation;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** DESIGN.md, hot swap: through the component, with its threads. */
@Timeout(120)
class HotSwapTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3")
            + endpoints("food/a", "", 8080, "10.1.0.1") + endpoints("food/b", "", 8080, "10.1.0.2");
    private static final InetSocketAddress OVEN = new InetSocketAddress("10.0.0.1", 80);

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final MeshCore core = new MeshCore();
    private final Source source = new Source();
    private final FakeForwarder forwarder = new FakeForwarder("one", log);
    private final FakeSteering steering = new FakeSteering("fake", log);
    private final CountingParts.Filters filters = new CountingParts.Filters("RequestHeaderModifier");
    private final BlockingQueue<Published> published = new LinkedBlockingQueue<>();
    private long seen;

    private static final class Source implements RouteSource {
        volatile SourceObserver observer;

        @Override public String id() {
            return "test";
        }

        @Override public Registration subscribe(SourceObserver ear) {
            observer = ear;
            return () -> {};
        }
    }

    @BeforeEach void start(TestInfo test) throws InterruptedException {
        core.bindCompiler(new TrieRouteCompiler(), Map.of("service.ranking", 0));
        core.bindFilters(filters, Map.of());
        core.bindForwarder(forwarder, Map.of());
        core.bindSteering(steering, Map.of());
        core.bindSource(source, Map.of());
        core.onPublished(published::add);
        source.observer.onState(GivenState.of(SERVICES, bake("a")));    // before the start, from which first states are waited for 10 s only
        core.start(settings(test.getTags().contains("impatient") ? "300ms" : "30s"));
        next();
    }

    @AfterEach void stop() {
        forwarder.drained.complete(null);
        core.stop();
    }

    private static String bake(String backend) {
        return route("HTTPRoute", "food/bake", "", "name: oven", """
                - filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x, value: %s}]}}]
                    backendRefs: [{name: %s, port: 80}]""".formatted(backend, backend));
    }

    private void give(String... manifests) throws InterruptedException {
        source.observer.onState(GivenState.of(manifests));
        next();
    }

    /** Waits for the next snapshot. */
    private Published next() throws InterruptedException {
        Published snapshot = published.poll(30, TimeUnit.SECONDS);
        assertThat(snapshot).isNotNull();
        assertThat(snapshot.generation()).isGreaterThan(seen);
        seen = snapshot.generation();
        return snapshot;
    }

    private RulePlan rule() {
        ClientPlan.Http http = (ClientPlan.Http) core.frontend(OVEN).orElseThrow().forClient(Client.UNKNOWN);
        try {
            return http.rules().get(http.table().match(GivenRequest.of("GET", "/")));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) Thread.sleep(10);
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test void theSteeringIsInForceWhenASnapshotIsAnnounced() throws InterruptedException {
        CompletableFuture<Mode> mode = new CompletableFuture<>();
        core.onPublished(each -> mode.complete(steering.plans.getLast().frontends().stream().filter(frontend -> frontend.service().equals("food/b:80"))
                .findFirst().orElseThrow().handlings().getFirst().mode()));
        give(SERVICES, bake("a"), route("food/b", "name: b", "/", "{name: a, port: 80}"));
        assertThat(mode.join()).isEqualTo(Mode.STEER);
    }

    @Test void endpointsAloneReachTheSteeringButPublishNothing() throws InterruptedException {
        int plans = steering.plans.size();
        source.observer.onState(GivenState.of(SERVICES.replace("10.1.0.1", "10.1.0.9"), bake("a")));
        until(() -> steering.plans.size() > plans);
        assertThat(published).isEmpty();
        assertThat(core.generation()).isEqualTo(seen);
    }

    @Tag("impatient") @Test void aReplacedFilterIsClosedWhenEveryLoopHasPassedAndItsLeasesAreBack() throws InterruptedException {
        RulePlan old = rule();
        CompletableFuture<Void> pass = new CompletableFuture<>();
        forwarder.pass = pass;
        give(SERVICES, bake("b"));
        CountingParts.Made first = filters.made.getFirst();
        old.begin(1);                                   // a loop that read the old plan before it passed
        pass.complete(null);
        Thread.sleep(400);                              // longer than the time to drain: an edit cuts nothing short
        assertThat(first.closed).isZero();
        assertThat(forwarder.reset).isEmpty();
        old.end(1);
        until(() -> first.closed == 1);
        assertThat(filters.made.getLast().closed).isZero();
    }

    @Test void unbindComesBackWhenTheLastExchangeHasEnded() throws InterruptedException {
        RulePlan old = rule();
        old.begin(0);
        Thread leaving = Thread.ofPlatform().start(() -> core.unbindFilters(filters));
        next();
        assertThat(rule().failure().status()).isEqualTo(500);
        assertThat(leaving.isAlive()).isTrue();
        old.end(0);
        leaving.join(20_000);
        assertThat(leaving.isAlive()).isFalse();
        assertThat(filters.made.getFirst().closed).isEqualTo(1);
        assertThat(forwarder.reset).isEmpty();
    }

    /** A command that deploys a plugin comes back when requests are served by it, however long its filter takes to be made. */
    @Test void whatHasComeIsInForceWhenTheSnapshotWithItIsPublished() throws Exception {
        core.inForce().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(core.pending()).isEmpty();
        CountingParts.Filters slow = new CountingParts.Filters("RequestHeaderModifier");
        slow.making = new CountDownLatch(1);
        core.bindFilters(slow, Map.of("service.ranking", 5));
        CompletableFuture<Void> inForce = core.inForce().toCompletableFuture();
        until(() -> slow.entered);
        assertThat(inForce).isNotDone();
        assertThat(core.pending()).startsWith("the snapshot after generation " + seen + " is being built");
        slow.making.countDown();
        inForce.get(30, TimeUnit.SECONDS);
        assertThat(core.generation()).isGreaterThan(seen);
        assertThat(slow.made).hasSize(1);
    }

    @Test void aBuildThatFailsIsToldToWhoeverWaitsForIt() throws Exception {
        CountingParts.Filters bad = new CountingParts.Filters("RequestHeaderModifier");
        bad.broken = new AssertionError("on purpose");
        core.bindFilters(bad, Map.of("service.ranking", 5));
        assertThat(core.inForce().toCompletableFuture()).failsWithin(30, TimeUnit.SECONDS).withThrowableOfType(ExecutionException.class)
                .withMessageContaining("the next snapshot cannot be built, generation " + seen + " stays in force: java.lang.AssertionError: on purpose");
        core.unbindFilters(bad);
        core.inForce().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Each of them once failed every build of all routes. */
    @Test void aPluginThatCannotSayWhatItIsCalledHurtsNobody() throws InterruptedException {
        core.bindFilters(new CountingParts.Filters(null), Map.of("service.ranking", 5));
        core.bindBalancers(new CountingParts.Balancers(null), Map.of("service.ranking", 5));
        core.bindPredicates(new PredicateFactory() {
            @Override public String type() {
                throw new NoClassDefFoundError("acme/Gone");
            }

            @Override public Predicate<RequestHead> create(CustomObject spec) {
                return head -> true;
            }
        }, Map.of("service.ranking", 5));
        give(SERVICES, bake("b"));
        assertThat(rule().split().next().name()).isEqualTo("food/b:80");
    }

    /** A swapped-out bundle's classes are let go of: core remembers nothing of a factory that has left. */
    @Test void aFactoryThatHasLeftIsCollected() throws InterruptedException {
        WeakReference<CountingParts.Filters> gone = comeAndGo();
        until(() -> {
            System.gc();
            return gone.get() == null;
        });
    }

    private WeakReference<CountingParts.Filters> comeAndGo() {
        CountingParts.Filters other = new CountingParts.Filters("ResponseHeaderModifier");
        core.bindFilters(other, Map.of());
        core.unbindFilters(other);
        return new WeakReference<>(other);
    }

    @Tag("impatient") @Test void whatDoesNotEndInTimeIsReset() throws InterruptedException {
        RulePlan old = rule();
        old.begin(0);
        core.unbindFilters(filters);
        until(() -> forwarder.reset.contains(old));      // an assembler that stands still for seconds is not waited for
        until(() -> filters.made.getFirst().closed == 1);
    }

    @Test void theNewForwarderServesEveryPlaceBeforeTheOldLetsGo() throws InterruptedException {
        FakeForwarder two = new FakeForwarder("two", log);
        core.bindForwarder(two, Map.of("service.ranking", 5));
        until(() -> log.contains("one drains"));
        assertThat(log).containsSubsequence("one serves fake:1", "two serves fake:1", "one leaves fake:1", "one drains");
        Thread leaving = Thread.ofPlatform().start(() -> core.unbindForwarder(forwarder));
        leaving.join(300);
        assertThat(leaving.isAlive()).isTrue();
        forwarder.drained.complete(null);
        leaving.join(20_000);
        assertThat(leaving.isAlive()).isFalse();
        two.drained.complete(null);
    }

    @Test void withoutForwarderEveryFrontendGoesItsWhenDownWayAtOnce() throws InterruptedException {
        forwarder.drained.complete(null);
        core.unbindForwarder(forwarder);
        assertThat(steering.plans.getLast().frontends()).noneMatch(frontend -> frontend.handlings().getFirst().mode() == Mode.STEER);
        core.bindForwarder(forwarder, Map.of());
        until(() -> steering.plans.getLast().frontends().stream().anyMatch(frontend -> frontend.handlings().getFirst().mode() == Mode.STEER));
        assertThat(log).containsSubsequence("one leaves fake:1", "one drains", "one serves fake:1");
    }

    @Test void theNewSteeringStartsAndHasThePlanBeforeTheOldEnds() throws InterruptedException {
        FakeSteering other = new FakeSteering("other", log);
        core.bindSteering(other, Map.of("service.ranking", 5));
        until(() -> log.contains("fake ends"));
        assertThat(log).containsSubsequence("other follows [fake:1]", "other starts", "one serves other:1", "one leaves fake:1", "fake ends");
        assertThat(other.plans).hasSize(1);
    }

    @Test void aSteeringThatLackedWhatTheOldOneHeldGetsThePlanAgain() throws InterruptedException {
        FakeSteering other = new FakeSteering("other", log);
        other.problems = List.of("the address is in use");
        core.bindSteering(other, Map.of("service.ranking", 5));
        until(() -> other.plans.size() == 2);
        assertThat(log).contains("fake ends");
    }

    @Test void placesComeAndGo() {
        FakeSteering.FakePlace place = new FakeSteering.FakePlace("late");
        steering.observer.opened(place);
        assertThat(log).contains("one serves late");
        steering.observer.closed(place);
        assertThat(log).contains("one leaves late");
    }

    @Test void theHeartStopsWhenALoopDoesNotTurn() throws InterruptedException {
        assertThat(steering.beats.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> hung = new CompletableFuture<>();
        forwarder.pass = hung;
        until(() -> forwarder.asked == hung);           // by then the beats before it have come
        steering.beats.drainPermits();
        assertThat(steering.beats.tryAcquire(3 * Heartbeat.EVERY_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
        forwarder.pass = CompletableFuture.completedFuture(null);
        hung.complete(null);
        assertThat(steering.beats.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test void statusNamesWhatIsMissing() {
        assertThat(core.status().ready()).isTrue();
        source.observer.onStale("cannot list");
        forwarder.drained.complete(null);
        core.unbindForwarder(forwarder);
        assertThat(core.status().notReady()).containsExactlyInAnyOrder("source test is stale: cannot list", "no forwarder is in force");
    }

    /** Readers never see half a change: the two Services always agree. */
    @Test void readersSeeWholeSnapshots() throws InterruptedException {
        InetSocketAddress pan = new InetSocketAddress("10.0.0.9", 80);
        AtomicBoolean stop = new AtomicBoolean();
        List<String> torn = new CopyOnWriteArrayList<>();
        List<Thread> readers = new ArrayList<>();
        give(SERVICES + service("food/pan", "10.0.0.9"), bake("a"), route("food/pan", "name: pan", "/", "{name: a, port: 80}"));
        for (int i = 0; i < 3; i++) {
            readers.add(Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    long generation = core.generation();
                    String one = core.frontend(OVEN).map(plan -> backend(plan.forClient(Client.UNKNOWN))).orElse("none");
                    String two = core.frontend(pan).map(plan -> backend(plan.forClient(Client.UNKNOWN))).orElse("none");
                    if (core.generation() == generation && !one.equals(two)) torn.add(one + " and " + two);
                }
            }));
        }
        for (int i = 0; i < 40; i++) {
            String backend = i % 2 == 0 ? "b" : "a";
            give(SERVICES + service("food/pan", "10.0.0.9"), bake(backend), route("food/pan", "name: pan", "/", "{name: " + backend + ", port: 80}"));
        }
        stop.set(true);
        for (Thread reader : readers) reader.join();
        assertThat(torn).isEmpty();
    }

    private static String backend(ClientPlan plan) {
        return plan instanceof ClientPlan.Http http ? http.rules().getFirst().split().next().name() : plan.toString();
    }

    static CoreSettings settings(String drain) {
        return settings(drain, false, false);
    }

    static CoreSettings settings(String drain, boolean takeOver, boolean kubernetes) {
        return new CoreSettings() {
            @Override public String plugins_budget() {
                return "1s";
            }

            @Override public boolean plugins_rollback() {
                return false;
            }

            @Override public int plugins_queue() {
                return 256;
            }

            @Override public int plugins_threads() {
                return 4;
            }

            @Override public int recentRequests() {
                return 64;
            }

            @Override public String loadBalancer() {
                return "round-robin";
            }

            @Override public String referenceGrants() {
                return "gamma";
            }

            @Override public String serviceBalancing() {
                return "kernel";
            }

            @Override public String session_secret() {
                return "";
            }

            @Override public String nodeName() {
                return "";
            }

            @Override public String zone() {
                return "";
            }

            @Override public String stateDir() {
                return "";
            }

            @Override public String swap_drain() {
                return drain;
            }

            @Override public boolean takeOver() {
                return takeOver;
            }

            @Override public boolean kubernetes() {
                return kubernetes;
            }

            @Override public Class<? extends Annotation> annotationType() {
                return CoreSettings.class;
            }
        };
    }
}
