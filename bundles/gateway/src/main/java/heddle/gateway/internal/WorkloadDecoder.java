package heddle.gateway.internal;

import heddle.api.model.Metadata;
import heddle.api.model.Workload;
import java.net.InetAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** heddle.io/v1alpha1 Workload; the schema is META-INF/crds/heddle.io_workloads.yaml. */
final class WorkloadDecoder {
    static final int MAX_ADDRESSES = 16;
    static final int MAX_PORTS = 64;
    private static final TextRule CGROUP = new TextRule("a path that a file can have, without '.' and '..', absolute or below the cgroup2 mount", 1, 1024, WorkloadDecoder::isPath);
    private static final TextRule NETNS = new TextRule("an absolute path, or a name as `ip netns` shows it", 1, 1024,
            text -> isPath(text) && (text.startsWith("/") || text.indexOf('/') < 0));
    private static final TextRule SERVICE_ACCOUNT = new TextRule("a DNS subdomain of at most 253 characters", 1, 253, Rules::isSubdomain);

    static Workload decode(Spot root, Metadata metadata) {
        Spot spec = root.field("spec");
        spec.isObject();
        String account = spec.field("serviceAccountName").text(SERVICE_ACCOUNT, "default");
        Optional<Path> cgroup = spec.field("cgroup").text(CGROUP).filter(CGROUP::allows).map(Path::of);
        Optional<Path> netns = spec.field("networkNamespace").text(NETNS).filter(NETNS::allows).map(Path.of("/run/netns")::resolve);
        List<InetAddress> addresses = new ArrayList<>();
        for (Spot item : spec.field("addresses").items(0, MAX_ADDRESSES)) {
            item.text(Addresses.IP).flatMap(Addresses::parse).ifPresent(address -> {
                if (addresses.contains(address)) {
                    item.fail("each address once");
                }
                addresses.add(address);
            });
        }
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (Spot item : spec.field("ports").objects(0, MAX_PORTS)) {
            Spot name = item.required("name", Rules.PORT_NAME.expected());
            int port = item.required("port", "a port").integer(1, References.MAX_PORT, 1);
            if (ports.putIfAbsent(name.text(Rules.PORT_NAME, ""), port) != null) {
                name.fail("a name that no other port has");
            }
            item.done();
        }
        boolean ready = spec.field("ready").bool(true);
        String zone = spec.field("zone").text(Rules.LABEL_VALUE, "");
        spec.done();
        return new Workload(metadata, account, cgroup, netns, metadata.labels(), addresses, ports, ready, zone);
    }

    private static boolean isPath(String text) {
        for (String part : (text.startsWith("/") ? text.substring(1) : text).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        try {
            Path.of(text);
            return true;
        } catch (InvalidPathException e) {          // a NUL, half of a surrogate pair, or what the locale's charset lacks
            return false;
        }
    }

    private WorkloadDecoder() {}
}
