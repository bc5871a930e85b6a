package heddle.source.kube.internal;

import heddle.api.source.RouteSource;
import heddle.testkit.RouteSourceContract;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The source as core has it, on a real HTTP server. */
class KubeSourceContractTest extends RouteSourceContract {
    @TempDir Path folder;
    private FakeApi api;
    private KubeSource source;

    @BeforeEach void start() throws Exception {
        api = new FakeApi();
        api.serve(Samples.ROUTES);
        api.put(Samples.SERVICES, Samples.service("shop", "oven", "10.96.0.7"));
        api.put(Samples.ROUTES, Samples.route("shop", "first", "oven"));
        setSecondPath("/second");
        source = new KubeSource(new NoMetrics(), new Given(api.kubeconfig(folder).toString()));
    }

    @AfterEach void stop() throws Exception {
        source.deactivate();
        api.close();
    }

    @Override protected RouteSource source() {
        return source;
    }

    @Override protected void setSecondPath(String path) {
        Map<String, Object> route = new LinkedHashMap<>(Samples.route("shop", "second", "oven"));
        route.put("spec", Map.of("parentRefs", List.of(Map.of("group", "", "kind", "Service", "name", "oven")),
                "rules", List.of(Map.of("matches", List.of(Map.of("path", Map.of("type", "PathPrefix", "value", path))), "backendRefs", List.of(Map.of("name", "oven", "port", 80L))))));
        api.put(Samples.ROUTES, route);
    }

    @Override protected void removeSecond() {
        api.delete(Samples.ROUTES, "shop/second");
    }

    @SuppressWarnings("ClassExplicitlyAnnotation")
    private record Given(String kubeconfig) implements KubeSettings {
        @Override public String nodeName() {
            return "node1";
        }

        @Override public String kube_namespace() {
            return "mesh";
        }

        @Override public String kube_meshName() {
            return "heddle";
        }

        @Override public boolean kube_meshDefault() {
            return true;
        }

        @Override public String kube_meshNamespaces() {
            return "";
        }

        @Override public Class<? extends Annotation> annotationType() {
            return KubeSettings.class;
        }
    }
}
