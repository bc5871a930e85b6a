package heddle.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.CustomObject;
import heddle.api.model.EndpointSlice;
import heddle.api.model.HttpMatch;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.NamespaceObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.PathMatch;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.Service;
import heddle.api.model.ValueMatch;
import heddle.api.model.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Text to records: what users paste, whole. The rules one by one are in the *RulesTest classes. */
class ManifestDecoderTest {
    private static final String SHOP = """
            # the shop
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {team: a}}
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: cart
              namespace: shop
            spec:
              selector: {app: cart}
              ports:
              - name: http
                port: 80
                targetPort: web
                appProtocol: http
              - {name: metrics, port: 9090}
            ---
            apiVersion: heddle.io/v1alpha1
            kind: Workload
            metadata: {name: cart-1, namespace: shop, labels: {app: cart}}
            spec:
              serviceAccountName: cart
              cgroup: /sys/fs/cgroup/system.slice/cart.service
              addresses: [127.0.2.1, "::1"]
              ports: [{name: web, port: 8080}]
              networkNamespace: blue
              zone: a
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: cart-x, namespace: shop, labels: {kubernetes.io/service-name: cart}}
            addressType: IPv4
            ports: [{name: http, port: 8080}]
            endpoints:
            - addresses: [10.0.0.1]
            - addresses: [10.0.0.2]
              conditions: {ready: false, serving: true, terminating: true}
              zone: b
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata:
              name: cart
              namespace: shop
              creationTimestamp: "2026-01-31T12:00:00Z"
              generation: 7
            spec:
              parentRefs: [{group: "", kind: Service, name: cart, port: 80}]
              rules:
              - name: v2
                matches:
                - path: {type: Exact, value: /v2}
                  headers: [{name: X-Version, value: two}, {name: x-version, value: dropped}]
                  queryParams: [{name: q, value: "^a", type: RegularExpression}]
                  method: GET
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {set: [{name: X-Seen, value: "yes"}], remove: [X-Old]}
                backendRefs: [{name: cart-v2, port: 80, weight: 90}, {name: cart, port: 80, weight: 10}]
                timeouts: {request: 10s, backendRequest: 2s500ms}
                retry: {codes: [503], attempts: 2}
              - backendRefs: [{name: cart, port: 80}]
            """;

    private final ManifestDecoder decoder = new ManifestDecoder();

    @Test void manyDocumentsBecomeRecords() {
        Decoded decoded = decoder.decode("shop.yaml", SHOP);
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.objects()).extracting(MeshObject::key).containsExactly(new ObjectKey("Namespace", "", "shop"),
                new ObjectKey("Service", "shop", "cart"), new ObjectKey("Workload", "shop", "cart-1"), new ObjectKey("EndpointSlice", "shop", "cart-x"),
                new ObjectKey("HTTPRoute", "shop", "cart"));
        assertThat(((NamespaceObject) decoded.objects().get(0)).metadata().labels()).containsEntry("team", "a");
        Service service = (Service) decoded.objects().get(1);
        assertThat(service.clusterIps()).isEmpty();
        assertThat(service.ports()).extracting(port -> port.name() + ":" + port.port() + ">" + port.targetPort())
                .containsExactly("http:80>web", "metrics:9090>9090");
        Workload workload = (Workload) decoded.objects().get(2);
        assertThat(workload.networkNamespace()).contains(Path.of("/run/netns/blue"));
        assertThat(workload.labels()).containsEntry("app", "cart");
        assertThat(workload.ready()).isTrue();
        assertThat(workload.addresses()).hasSize(2);
        EndpointSlice slice = (EndpointSlice) decoded.objects().get(3);
        assertThat(slice.serviceName()).isEqualTo("cart");
        assertThat(slice.endpoints()).extracting(EndpointSlice.Entry::ready).containsExactly(true, false);
        assertThat(slice.endpoints().get(1).terminating()).isTrue();
    }

    @Test void anHttpRouteIsReadWithItsDefaults() {
        HttpRoute route = (HttpRoute) decoder.decode("shop.yaml", SHOP).objects().get(4);
        assertThat(route.metadata().origin()).isEqualTo("shop.yaml:42");
        assertThat(route.metadata().generation()).isEqualTo(7);
        assertThat(route.metadata().created()).isPresent();
        assertThat(route.parentRefs().getFirst().isService()).isTrue();
        HttpRoute.Rule first = route.rules().getFirst();
        assertThat(first.matches()).containsExactly(new HttpMatch(new PathMatch.Exact("/v2"), List.of(new ValueMatch.Exact("x-version", "two")),
                List.of(new ValueMatch.Regex("q", "^a")), java.util.Optional.of("GET")));
        assertThat(first.timeouts().backendRequest()).contains(java.time.Duration.ofMillis(2500));
        assertThat(first.retry().orElseThrow().backoff()).isEqualTo(java.time.Duration.ofMillis(25));
        assertThat(first.backendRefs()).extracting(heddle.api.model.BackendRef::weight).containsExactly(90, 10);
        assertThat(first.filters()).containsExactly(new RouteFilter.HeaderModifier(true, List.of(new RouteFilter.Header("X-Seen", "yes")), List.of(),
                List.of("X-Old")));
        assertThat(route.rules().get(1).matches()).containsExactly(HttpMatch.ANY);
        assertThat(route.rules().get(1).backendRefs().getFirst().weight()).isEqualTo(1);
        assertThat(route.warnings()).singleElement().asString().startsWith("shop.yaml:55: spec.rules[0].matches[0].headers[1]: ignored");
    }

    @Test void jsonListsAndMapsReadTheSame() {
        String json = """
                {"apiVersion":"v1","kind":"List","items":[
                  {"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}]}
                """;
        Decoded text = decoder.decode("a.json", json);
        assertThat(text.problems()).isEmpty();
        assertThat(text.objects().getFirst().metadata().origin()).isEqualTo("a.json:2");
        Decoded map = decoder.decode("api", Map.of("apiVersion", "v1", "kind", "ServiceList", "items", List.of(Map.of("apiVersion", "v1", "kind", "Service",
                "metadata", Map.of("name", "a"), "spec", Map.of("ports", List.of(Map.of("port", 80)))))));
        assertThat(((Service) map.objects().getFirst()).ports()).isEqualTo(((Service) text.objects().getFirst()).ports());
        assertThat(map.objects().getFirst().key()).isEqualTo(new ObjectKey("Service", "default", "a"));
    }

    @Test void aProblemNamesFileLineObjectFieldValueAndWhatWasExpected() {
        Decoded decoded = decoder.decode("shop.yaml", SHOP.replace("value: /v2", "value: v2"));
        assertThat(decoded.problems()).extracting(Object::toString)
                .containsExactly("shop.yaml:54: HTTPRoute shop/cart: spec.rules[0].matches[0].path.value: \"v2\" (expected: starts with '/')");
        assertThat(decoded.refused()).containsExactly(new ObjectKey("HTTPRoute", "shop", "cart"));
        assertThat(decoded.objects()).hasSize(4);
        assertThat(decoded.unidentified()).isFalse();
    }

    @Test void brokenYamlIsNamedByLineAndTheOtherDocumentsAreRead() {
        Decoded decoded = decoder.decode("shop.yaml", SHOP.replace("selector: {app: cart}", "selector: {app: cart"));
        assertThat(decoded.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.where()).isEqualTo("shop.yaml:13");
            assertThat(problem.message()).startsWith("is no YAML: ");
        });
        assertThat(decoded.unidentified()).isTrue();
        assertThat(decoded.objects()).hasSize(4);
    }

    @Test void aVendorsConditionForARuleThatIsNotThereIsAWarning() {
        String text = """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata:
                  name: a
                  annotations:
                    heddle.io/match.gold: Tenant.acme.io/gold
                    heddle.io/match.gild: Tenant.acme.io/gold
                spec:
                  rules:
                  - name: gold
                    backendRefs: [{name: a, port: 80}]
                """;
        for (String kind : List.of("HTTPRoute", "GRPCRoute")) {
            Decoded decoded = decoder.decode("x.yaml", text.replace("HTTPRoute", kind));
            assertThat(decoded.problems()).isEmpty();
            assertThat(((Route) decoded.objects().getFirst()).warnings()).containsExactly("x.yaml:7: metadata.annotations.heddle.io/match.gild: no rule of this route has that name, ignored");
        }
    }

    @Test void unknownFieldsAreWarningsAndKnownIrrelevantKindsAreNoted() {
        Decoded decoded = decoder.decode("x.yaml", """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: a}
                spec:
                  shiny: 1
                  rules:
                  - backendRefs: [{name: a, port: 80, colour: red}]
                ---
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {}}
                """);
        assertThat(((HttpRoute) decoded.objects().getFirst()).warnings()).containsExactlyInAnyOrder("x.yaml:5: spec.shiny: unknown field, ignored",
                "x.yaml:7: spec.rules[0].backendRefs[0].colour: unknown field, ignored");
        assertThat(decoded.notes()).extracting(Object::toString)
                .containsExactly("x.yaml:9: Deployment d: passed over: the mesh does not read apps/v1 Deployment");
    }

    @Test void aVendorsKindIsKeptAndCheckedByItsExtensionDecoder() {
        String text = """
                apiVersion: acme.example/v1
                kind: RateLimit
                metadata: {name: slow, namespace: shop}
                spec:
                  limits:
                  - count: -1
                    label: null
                """;
        CustomObject object = (CustomObject) decoder.decode("r.yaml", text).objects().getFirst();
        assertThat(object.spec()).isEqualTo(Map.of("limits", List.of(Map.of("count", -1L))));
        ExtensionDecoder extension = new ExtensionDecoder() {
            @Override public String type() {
                return "acme.example/RateLimit";
            }

            @Override public List<Fault> check(CustomObject custom) {
                return List.of(new Fault("spec.limits[0].count", "-1 (expected: at least 0)"));
            }
        };
        assertThat(new ManifestDecoder(List.of(extension)).decode("r.yaml", text).problems()).extracting(Object::toString)
                .containsExactly("r.yaml:6: RateLimit shop/slow: spec.limits[0].count: -1 (expected: at least 0)");
        ExtensionDecoder failing = new ExtensionDecoder() {
            @Override public String type() {
                return "acme.example/RateLimit";
            }

            @Override public List<Fault> check(CustomObject custom) {
                throw new NoClassDefFoundError("org/acme/Limits");
            }
        };
        assertThat(new ManifestDecoder(List.of(failing)).decode("r.yaml", text).problems()).singleElement().asString().contains("RateLimit shop/slow", "NoClassDefFoundError: org/acme/Limits");
    }
}
