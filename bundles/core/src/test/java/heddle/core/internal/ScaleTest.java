package heddle.core.internal;

import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.BackendRef;
import heddle.api.model.HttpMatch;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.Metadata;
import heddle.api.model.ParentRef;
import heddle.api.model.PathMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Many routes on one Service: an edit builds its own rule only. Processor times are printed for the record, never asserted. */
class ScaleTest {
    private static final int ROUTES = 10_000;

    private static HttpRoute route(int number, String backend) {
        BackendRef ref = new BackendRef("", "Service", Optional.empty(), backend, OptionalInt.of(80), 1, List.of());
        HttpMatch match = new HttpMatch(new PathMatch.Prefix("/r" + number), List.of(), List.of(), Optional.empty());
        HttpRoute.Rule rule = new HttpRoute.Rule(Optional.empty(), List.of(match), List.of(), List.of(ref), HttpRoute.Timeouts.NONE, Optional.empty(), Optional.empty());
        ParentRef parent = new ParentRef("", "Service", Optional.empty(), "oven", Optional.empty(), OptionalInt.empty());
        return new HttpRoute(Metadata.of("HTTPRoute", "food", "r" + number), List.of(parent), List.of(), List.of(rule), List.of());
    }

    /** Processor time of this thread: the machine is shared. */
    private static long cpu() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Test void oneEditAmongTenThousandRoutesMakesOneRule() {
        List<MeshObject> objects = new ArrayList<>(GivenState.of(service("food/oven", "10.0.0.1"), service("food/a", "10.0.0.2"), service("food/b", "10.0.0.3")).objects());
        int first = objects.size();
        for (int i = 0; i < ROUTES; i++) objects.add(route(i, "a"));
        TestMesh mesh = new TestMesh();
        long start = cpu();
        mesh.apply(GivenState.of(objects));
        long whole = cpu() - start;
        assertThat(mesh.send("", "food/oven", 80, "/r9999/x")).isEqualTo("food/a:80");

        StringBuilder edits = new StringBuilder();
        SteeringPlans plans = new SteeringPlans();
        StatusReports reports = new StatusReports();
        for (int i = 0; i < 10; i++) {
            objects.set(first + 7, route(7, i % 2 == 0 ? "b" : "a"));
            start = cpu();
            mesh.apply(GivenState.of(objects));
            long built = cpu();
            plans.plan(mesh.build.snapshot(), true, true);
            long planned = cpu();
            reports.report(mesh.build);
            edits.append(" %.1f+%.1f+%.1f".formatted((built - start) / 1e6, (planned - built) / 1e6, (cpu() - planned) / 1e6));
            assertThat(mesh.build.retired()).hasSize(1);
            assertThat(mesh.send("", "food/oven", 80, "/r7")).isEqualTo(i % 2 == 0 ? "food/b:80" : "food/a:80");
        }
        System.out.printf("%d routes on one Service: %.1f ms CPU; one edit (build+steering plan+status):%s ms%n", ROUTES, whole / 1e6, edits);
    }
}
