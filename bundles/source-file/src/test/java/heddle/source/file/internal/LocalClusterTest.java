package heddle.source.file.internal;

import static heddle.testkit.SourceListener.one;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.EndpointSlice;
import heddle.api.model.MeshObject;
import heddle.api.model.NamespaceObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Service;
import heddle.gateway.Decoded;
import heddle.gateway.ManifestDecoder;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the source adds to manifests. DESIGN.md, "Sources, status, a plain machine"; Kubernetes' Service and EndpointSlice controllers. */
class LocalClusterTest {
    private static final AddressRange RANGE = AddressRange.parse("127.96.0.0/16");
    private static final Optional<AddressRange> RANGE6 = Optional.of(AddressRange.parse("fd00:96::/112"));

    private final LocalCluster cluster = cluster(new AddressMemory(Optional.empty()));

    private static LocalCluster cluster(AddressMemory memory) {
        return new LocalCluster(new ClusterAddresses(RANGE, RANGE6, memory));
    }

    private static ManifestSet.Contents contents(String text) {
        Decoded decoded = new ManifestDecoder().decode("t.yaml", text);
        assertThat(decoded.problems()).isEmpty();
        Map<ObjectKey, MeshObject> objects = new LinkedHashMap<>();
        decoded.objects().forEach(object -> objects.put(object.key(), object));
        return new ManifestSet.Contents(objects, decoded.details(), List.of(), List.of());
    }

    private static String service(String name, String spec) {
        return "---\n{apiVersion: v1, kind: Service, metadata: {name: " + name + ", namespace: shop}, spec: {" + spec + "}}\n";
    }

    private static String workload(String name, String labels, String spec) {
        return "---\n{apiVersion: heddle.io/v1alpha1, kind: Workload, metadata: {name: " + name + ", namespace: shop, labels: {" + labels + "}}, spec: {"
                + spec + "}}\n";
    }

    @Test void aServiceWithoutAddressGetsOneFromTheRangeTheSameInEveryRun() {
        String text = service("cart", "ports: [{port: 80}]");
        InetAddress first = one(cluster.state(contents(text)), Service.class, "cart").clusterIps().getFirst();
        assertThat(RANGE.contains(first)).isTrue();
        FileState other = cluster(new AddressMemory(Optional.empty())).state(contents(service("aa", "ports: [{port: 80}]") + text));
        assertThat(one(other, Service.class, "cart").clusterIps()).containsExactly(first);
    }

    @Test void manyServicesGetDifferentAddressesAndWrittenOnesAreNeverGivenAway() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            text.append(service("s" + i, "ports: [{port: 80}]"));
        }
        InetAddress taken = one(cluster.state(contents(text.toString())), Service.class, "s7").clusterIps().getFirst();
        FileState state = cluster.state(contents(text + service("fixed", "clusterIP: " + taken.getHostAddress() + ", ports: [{port: 80}]")));
        Set<InetAddress> all = new HashSet<>();
        state.all(Service.class).forEach(service -> assertThat(all.add(service.clusterIps().getFirst())).as(service.name()).isTrue());
        assertThat(one(state, Service.class, "fixed").clusterIps()).containsExactly(taken);
    }

    @Test void anAddressThatHadToStepAsideIsRememberedOverRestarts(@TempDir Path temp) {
        Optional<Path> file = Optional.of(temp.resolve("state/service-addresses"));
        AddressMemory memory = new AddressMemory(file);
        InetAddress first = one(cluster(new AddressMemory(Optional.empty())).state(contents(service("cart", "ports: [{port: 80}]"))), Service.class, "cart")
                .clusterIps().getFirst();
        String fixed = service("fixed", "clusterIP: " + first.getHostAddress() + ", ports: [{port: 80}]");
        InetAddress second = one(cluster(memory).state(contents(service("cart", "ports: [{port: 80}]") + fixed)), Service.class, "cart").clusterIps().getFirst();
        memory.save();
        assertThat(second).isNotEqualTo(first);
        assertThat(Files.exists(file.get())).isTrue();
        FileState restarted = cluster(new AddressMemory(file)).state(contents(service("cart", "ports: [{port: 80}]")));
        assertThat(one(restarted, Service.class, "cart").clusterIps()).containsExactly(second);
    }

    @Test void dualStackHeadlessAndExternalNamesAreAsWritten() {
        FileState state = cluster.state(contents(service("both", "ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]")
                + service("six", "ipFamilies: [IPv6], ports: [{port: 80}]")
                + service("head", "clusterIP: None") + service("ext", "type: ExternalName, externalName: example.org")
                + service("half", "ipFamilyPolicy: PreferDualStack, clusterIP: 127.96.9.9, ports: [{port: 80}]")));
        assertThat(one(state, Service.class, "both").clusterIps()).hasSize(2);
        assertThat(one(state, Service.class, "six").clusterIps()).singleElement().isInstanceOf(java.net.Inet6Address.class);
        assertThat(one(state, Service.class, "head").clusterIps()).isEmpty();
        assertThat(one(state, Service.class, "head").headless()).isTrue();
        assertThat(one(state, Service.class, "ext").clusterIps()).isEmpty();
        assertThat(one(state, Service.class, "half").clusterIps()).hasSize(2).first().extracting(InetAddress::getHostAddress).isEqualTo("127.96.9.9");
    }

    @Test void aSelectorsEndpointsComeFromWorkloads() {
        FileState state = cluster.state(contents(
                service("cart", "selector: {app: cart}, ports: [{name: http, port: 80, targetPort: web}, {name: raw, port: 90, targetPort: 9090}]")
                + workload("one", "app: cart, v: one", "addresses: [127.0.0.1], ports: [{name: web, port: 8080}], zone: a")
                + workload("two", "app: cart", "addresses: [127.0.0.2, '::1'], ports: [{name: web, port: 8081}], ready: false")
                + workload("nameless", "app: cart", "addresses: [127.0.0.3]")
                + workload("other", "app: other", "addresses: [127.0.0.4]")));
        List<EndpointSlice> slices = List.copyOf(state.all(EndpointSlice.class));
        assertThat(slices).allMatch(slice -> slice.serviceName().equals("cart") && slice.addressType().equals("IPv4"));
        assertThat(slices).flatExtracting(slice -> slice.endpoints().stream().map(entry -> entry.target().orElseThrow().name() + " " + entry.ready() + " "
                + entry.addresses().getFirst().getHostAddress() + " " + slice.ports().stream().map(port -> port.name() + "=" + port.port()).toList()).toList())
                .containsExactlyInAnyOrder("one true 127.0.0.1 [http=8080, raw=9090]", "two false 127.0.0.2 [http=8081, raw=9090]",
                        "nameless true 127.0.0.3 [raw=9090]");
    }

    @Test void workloadsOfAnotherNamespaceAreNotSelectedAndEmptySelectorsSelectNothing() {
        FileState state = cluster.state(contents(service("cart", "selector: {app: cart}, ports: [{port: 80}]") + service("bare", "ports: [{port: 80}]")
                + workload("one", "app: cart", "addresses: [127.0.0.1]").replace("namespace: shop", "namespace: elsewhere")));
        assertThat(state.all(EndpointSlice.class)).isEmpty();
    }

    @Test void handWrittenSlicesWinAndItIsSaid() {
        FileState state = cluster.state(contents(service("cart", "selector: {app: cart}, ports: [{port: 80}]")
                + workload("one", "app: cart", "addresses: [127.0.0.1]")
                + "---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: mine, namespace: shop, labels: {kubernetes.io/service-name: cart}}, "
                + "addressType: IPv4, ports: [{port: 8080}], endpoints: [{addresses: [127.0.0.9]}]}\n"));
        assertThat(state.all(EndpointSlice.class)).extracting(EndpointSlice::name).containsExactly("mine");
        assertThat(state.notes()).singleElement().asString().contains("Service shop/cart: has hand-written EndpointSlices");
        assertThat(state.problems()).isEmpty();
    }

    @Test void whatDidNotChangeIsTheSameInstanceInTheNextState() {
        String text = service("cart", "selector: {app: cart}, ports: [{port: 80}]") + workload("one", "app: cart", "addresses: [127.0.0.1]");
        ManifestSet.Contents before = contents(text);
        FileState first = cluster.state(before);
        Map<ObjectKey, MeshObject> more = new LinkedHashMap<>(before.objects());
        contents(service("new", "ports: [{port: 80}]")).objects().forEach(more::put);
        FileState second = cluster.state(new ManifestSet.Contents(more, before.details(), List.of(), List.of()));
        for (MeshObject object : first.all(MeshObject.class)) {
            assertThat(second.all(object.getClass()).stream().filter(each -> each.key().equals(object.key())).findFirst().orElseThrow()).isSameAs(object);
        }
        assertThat(second.revision()).isEqualTo(first.revision() + 1);
    }

    @Test void namespacesAreImpliedAndCarryTheirNameAsALabel() {
        FileState state = cluster.state(contents(service("cart", "ports: [{port: 80}]")
                + "---\n{apiVersion: v1, kind: Namespace, metadata: {name: written, labels: {a: b}}}\n"));
        assertThat(one(state, NamespaceObject.class, "shop").metadata().labels()).isEqualTo(Map.of("kubernetes.io/metadata.name", "shop"));
        assertThat(one(state, NamespaceObject.class, "written").metadata().labels()).isEqualTo(Map.of("a", "b", "kubernetes.io/metadata.name", "written"));
    }

    @Test void aRangeThatIsFullIsAProblemAndNotALoop() {
        LocalCluster small = new LocalCluster(new ClusterAddresses(AddressRange.parse("127.96.0.0/30"), Optional.empty(), new AddressMemory(Optional.empty())));
        FileState state = small.state(contents(service("a", "ports: [{port: 80}]") + service("b", "ports: [{port: 80}]") + service("c", "ports: [{port: 80}]")));
        assertThat(state.problems()).singleElement().asString().contains("no address is left in 127.96.0.0/30");
    }
}
