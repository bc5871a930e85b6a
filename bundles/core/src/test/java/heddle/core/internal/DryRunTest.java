package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.admin.DiffReport;
import heddle.api.match.GivenRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A proposed set beside the live one: which of the recorded requests change, and how. */
class DryRunTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/v1", "10.0.0.2") + service("food/v2", "10.0.0.3")
            + endpoints("food/v1", "", 8080, "10.1.0.1") + endpoints("food/v2", "", 8080, "10.1.0.2") + workload("shop/buyer", "default", "", "10.9.0.1");
    private static final String BAKE = route("food/bake", "name: oven", "/bake", "{name: v1, port: 80}");
    private static final String REST = route("food/rest", "name: oven", "/", "{name: v1, port: 80}");

    private final TestMesh mesh = TestMesh.of(SERVICES, BAKE, REST);

    private void seen(String client, String... targets) throws Exception {
        for (String target : targets) mesh.frontend("food/oven", 80).log().seen(GivenRequest.of("GET", target).from(mesh.client(client)));
    }

    private DiffReport diff(boolean over, String... manifests) {
        List<SourceFeed> feeds = new ArrayList<>();
        SourceFeed live = new SourceFeed(new TestMesh.SilentSource("file"), () -> {});
        live.onState(GivenState.of(SERVICES, BAKE, REST));
        feeds.add(live);
        return new DryRun(mesh.build, feeds, mesh.parts, GivenState.of(manifests), over, mesh.recent).report();
    }

    @Test void theSameSetChangesNothing() throws Exception {
        seen("", "/bake/1", "/other");
        DiffReport report = diff(false, SERVICES, BAKE, REST);
        assertThat(report.replayed()).isEqualTo(2);
        assertThat(report.changed()).isZero();
        assertThat(report.changes()).isEmpty();
        assertThat(report.routes()).containsExactly(new DiffReport.RouteCount("HTTPRoute food/bake", 1, 1), new DiffReport.RouteCount("HTTPRoute food/rest", 1, 1));
    }

    @Test void anotherBackendIsNamedWithItsRequests() throws Exception {
        seen("", "/bake/1", "/bake/2", "/other");
        DiffReport report = diff(false, SERVICES, BAKE.replace("name: v1", "name: v2"), REST);
        assertThat(report.changed()).isEqualTo(2);
        assertThat(report.changes()).singleElement().satisfies(change -> {
            assertThat(change.requests()).isEqualTo(2);
            assertThat(change.what()).containsExactly("backends");
            assertThat(change.example()).isEqualTo("unknown GET /bake/1");
            assertThat(change.now()).endsWith("→ food/v1:80 (100 %)");
            assertThat(change.then()).endsWith("→ food/v2:80 (100 %)");
        });
    }

    @Test void aRouteThatGoesLeavesItsRequestsToAnother() throws Exception {
        seen("", "/bake/1", "/other");
        DiffReport report = diff(false, SERVICES, REST);
        assertThat(report.changes()).singleElement().satisfies(change -> assertThat(change.what()).containsExactly("rule"));
        assertThat(report.removed()).containsExactly("HTTPRoute food/bake");
        assertThat(report.routes()).containsExactly(new DiffReport.RouteCount("HTTPRoute food/bake", 1, 0), new DiffReport.RouteCount("HTTPRoute food/rest", 1, 2));
    }

    @Test void aMissIsAStatus() throws Exception {
        seen("", "/other");
        DiffReport report = diff(false, SERVICES, BAKE);
        assertThat(report.changes()).singleElement().satisfies(change -> {
            assertThat(change.what()).containsExactly("rule", "status", "backends");
            assertThat(change.then()).isEqualTo("404 no-route");
        });
    }

    @Test void aConsumerRouteChangesItsNamespacesRequestsOnly() throws Exception {
        seen("shop/buyer", "/bake/1");
        seen("", "/bake/1");
        String consumer = route("shop/mine", "namespace: food, name: oven", "/", "{namespace: food, name: v2, port: 80}");
        DiffReport report = diff(true, consumer);
        assertThat(report.changes()).singleElement().satisfies(change -> {
            assertThat(change.what()).containsExactly("set", "rule", "backends");
            assertThat(change.example()).isEqualTo("shop/buyer GET /bake/1");
        });
        assertThat(report.added()).containsExactly("HTTPRoute shop/mine");
    }

    @Test void timeoutsAndFiltersAreSeen() throws Exception {
        mesh.parts.filters.add(new CountingParts.Filters("RequestHeaderModifier"), TestMesh.NO_PROPERTIES);
        seen("", "/bake/1");
        String edited = BAKE.replace("    backendRefs", "    timeouts: {request: 2s}\n    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]\n    backendRefs");
        DiffReport report = diff(true, edited);
        assertThat(report.changes()).singleElement().satisfies(change -> {
            assertThat(change.what()).containsExactly("filters", "timeouts");
            assertThat(change.details()).anyMatch(detail -> detail.startsWith("+ request timeout 2000 ms"));
        });
    }

    @Test void laidOverLeavesTheRestAsItIs() throws Exception {
        seen("", "/bake/1", "/other");
        assertThat(diff(true, BAKE.replace("name: v1", "name: v2")).changed()).isEqualTo(1);
        assertThat(diff(false, BAKE.replace("name: v1", "name: v2")).changes()).allSatisfy(change -> assertThat(change.then()).startsWith("connection refused"));
    }

    @Test void nothingLiveChanges() throws Exception {
        CountingParts.Filters factory = new CountingParts.Filters("RequestHeaderModifier");
        mesh.parts.filters.add(factory, TestMesh.NO_PROPERTIES);
        seen("", "/bake/1");
        Build before = mesh.again();
        String filter = BAKE.replace("    backendRefs", "    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]\n    backendRefs");
        assertThat(diff(true, filter).changed()).isEqualTo(1);
        assertThat(factory.made).allSatisfy(made -> assertThat(made.closed).isEqualTo(1));
        assertThat(mesh.again().snapshot()).isSameAs(before.snapshot());
        assertThat(mesh.recent.requests(new FrontendKey(new ServiceName("food", "oven"), 80, "TCP"))).hasSize(1);
    }
}
