package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Issue "plugins", isolation: a filter off the loop that does what it should not hurts only its own routes. The other routes carry load
 *  meanwhile: none of their requests fails, and the daemon goes on. What it costs them is {@link MisbehaviourTable}'s. */
class MisbehavingPluginIT {
    private static final Duration WAIT = Duration.ofSeconds(120);
    /** Answers of the other routes before a plugin does what it should not, and after. */
    private static final int OTHERS = 200;
    private static final AtomicInteger ROUTES = new AtomicInteger();
    private static Field field;
    @TempDir Path temp;

    @BeforeAll
    static void start() {
        field = started(Field.onBind());
    }

    private static Field started(Field field) {
        // how a loop is compiled decides whether it can be ended
        field.asShipped().set("plugins.budget", "500ms").backend("oven", 101, "8080");
        return shop(field).start();
    }

    /** Services oven and bad, and a route of oven alone. */
    static Field shop(Field field) {
        field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080") + Yaml.service("shop", "bad", 12, "8000:8080")
                + Yaml.route("shop", "oven", "oven", "- backendRefs: [{name: oven, port: 8000}]\n"));
        return field;
    }

    @AfterAll
    static void end() {
        field.close();
    }

    /** Comes back when it is in force: its second rule has a path of its own, and is served. */
    static void route(Field field, String kind, String annotations) {
        String there = "/there-" + ROUTES.incrementAndGet();
        field.manifest("bad.yaml", """
                apiVersion: acme.example/v1
                kind: KIND
                metadata: {name: it, namespace: shop, annotations: {ANNOTATIONS}}
                spec: {}
                """.replace("KIND", kind).replace("ANNOTATIONS", annotations) + Yaml.route("shop", "bad", "bad", """
                - filters: [{type: ExtensionRef, extensionRef: {group: acme.example, kind: %s, name: it}}]
                  backendRefs: [{name: oven, port: 8000}]
                - matches: [{path: {type: Exact, value: %s}}]
                  backendRefs: [{name: oven, port: 8000}]
                """.formatted(kind, there)));
        Await.until("the route", WAIT, () -> Curl.get("http://" + field.host(12) + ":8000" + there).status() == 200, field::log);
    }

    static Curl.Reply bad(Field field) {
        return Curl.get("http://" + field.host(12) + ":8000/");
    }

    private void deploy(Field field, String kind, String body) throws IOException {
        deploy(field, NaughtyPlugin.jar(temp, kind, false, body));
    }

    static void deploy(Field field, Path jar) {
        new Control(field.socket()).run("mesh:deploy " + jar);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(mode = EXCLUDE, names = {"SWALLOWS", "HANGS"})
    void onlyItsOwnRouteSeesIt(Misbehaviour what) throws IOException {
        String kind = what.kind();
        route(field, kind, "");
        Load load = new Load(field.host(11), 8000, "/", 20, 500);
        try (load) {
            answers(load, OTHERS);
            deploy(field, what.jar(temp, false));
            for (int i = 0; i < 8; i++) assertThat(bad(field).status()).as("request " + i).isEqualTo(what.status);
            answers(load, OTHERS);
        }
        System.out.printf("misbehaving plugin %-8s: %d answers of others, failures %d%n", kind, load.answers(), load.failures().size());
        assertThat(load.failures()).isEmpty();
        assertThat(field.daemon().isAlive()).isTrue();
        new Control(field.socket()).run("mesh:undeploy " + what.bundle());
        Await.until("no thread of the plugin is left", WAIT, () -> !threads(field).contains(" " + what.bundle()), field::log);
    }

    /** On the loop others wait, but nothing fails and the loop comes back; what it has started ends. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"FAILS", "BLOCKS", "SPINS", "STARTS"})
    void onTheLoopOthersWaitAtMostForTheBudget(Misbehaviour what) throws IOException {
        String kind = what.kind();
        route(field, kind, "");
        Load load = new Load(field.host(11), 8000, "/", 20, 500);
        try (load) {
            answers(load, OTHERS);
            deploy(field, what.jar(temp, true));
            for (int i = 0; i < 4; i++) assertThat(bad(field).status()).as("request " + i).isEqualTo(what.status);
            answers(load, OTHERS);
        }
        System.out.printf("misbehaving plugin %-8s: @OnLoop, %d answers of others, failures %d%n", kind, load.answers(), load.failures().size());
        assertThat(load.failures()).isEmpty();
        new Control(field.socket()).run("mesh:undeploy " + what.bundle());
        Await.until("no thread of the plugin is left", WAIT, () -> !threads(field).contains(" " + what.bundle()), field::log);
    }

    private static void answers(Load load, int more) {
        long from = load.answers();
        Await.until("the load", WAIT, () -> load.answers() > from + more, field::log);
    }

    /** The daemon's threads, each in a line that begins with its name. */
    static String threads(Field field) {
        return field.jcmd("Thread.print");
    }

    @Test
    void aSpinIsEndedThePluginNamedFaultyAndANewVersionStartsAnew() throws IOException {
        route(field, "Spins", "");
        deploy(field, "Spins", "for (long i = 0; ; i++) request.header(\"x\" + i % 2);");
        assertThat(bad(field).status()).isEqualTo(500);
        Await.until("faulty", WAIT, () -> new Control(field.socket()).run("mesh:plugins").contains("faulty: acme.spins.Spins$Bad of HTTPRoute shop/bad rule 0 filter 0 ran longer than plugins.budget, 500 ms"), field::log);
        Await.until("the log to say so", WAIT, () -> field.log().contains("plugin acme.spins is faulty") && field.log().contains("at acme.spins.Spins$Bad.onRequest"), field::log);
        deploy(field, "Spins", "request.setHeader(\"x-better\", \"1\"); return FilterAction.CONTINUE;");
        Curl.Reply better = bad(field);
        assertThat(better.status()).isEqualTo(200);
        assertThat(better.received("x-better")).contains("1");
    }

    /** The command comes back when the very next request is served by what it did, however long the filter takes to be made. */
    @Test
    void deployAndUndeployComeBackWhenTheyAreInForce() throws IOException {
        route(field, "Slow", "");
        String slow = "java.util.concurrent.locks.LockSupport.parkNanos(1_000_000_000L);";
        for (String version : new String[] {"1", "2"}) {
            Path jar = NaughtyPlugin.jar(temp, "Slow", false, slow, "request.setHeader(\"x-version\", \"" + version + "\"); return FilterAction.CONTINUE;");
            deploy(field, jar);
            assertThat(bad(field).received("x-version")).contains(version);
        }
        new Control(field.socket()).run("mesh:undeploy acme.slow");
        assertThat(bad(field).status()).isEqualTo(500);
    }

    @Test
    void aResourceMaySayThatItsRequestsGoOnAfterAFault() throws IOException {
        route(field, "Fails", "heddle.io/on-fault: continue");
        deploy(field, "Fails", "throw new IllegalStateException(\"on purpose\");");
        assertThat(bad(field).status()).isEqualTo(200);
        assertThat(new Control(field.socket()).run("mesh:plugins")).containsPattern("acme\\.fails.*fault=1");
    }

    @Test
    void aVersionThatFailsItsFirstRequestsIsRolledBack() throws IOException {
        Field own = started(Field.onBind().set("plugins.rollback", "true"));
        try (own) {
            route(own, "Stamps", "");
            deploy(own, "Stamps", "request.setHeader(\"x-version\", \"1\"); return FilterAction.CONTINUE;");
            assertThat(bad(own).received("x-version")).contains("1");
            deploy(own, "Stamps", "throw new IllegalStateException(\"version 2\");");
            for (int i = 0; i < 3; i++) assertThat(bad(own).status()).isEqualTo(500);
            Await.until("the version before", WAIT, () -> bad(own).status() == 200, own::log);
            assertThat(bad(own).received("x-version")).contains("1");
            Await.until("the log to say so", WAIT, () -> own.log().contains("rolled back plugin acme.stamps"), own::log);
        }
    }
}
