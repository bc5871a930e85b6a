package heddle.source.kube.internal;

import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a mesh reads of a v1 Pod of this node.
 *  @param cgroupUid the UID in its cgroup's name: its own, or for a static pod its manifest's hash
 *  @param finished  Succeeded or Failed: no process of it runs any more */
record Pod(Metadata metadata, String cgroupUid, String serviceAccount, List<InetAddress> addresses, Map<String, Integer> ports,
           boolean ready, boolean finished, boolean hostNetwork, String qosClass) {
    Pod {
        addresses = List.copyOf(addresses);
        ports = Map.copyOf(ports);
    }

    static Pod of(Map<String, Object> object) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        Map<String, Object> spec = Fields.map(object, "spec");
        Map<String, Object> status = Fields.map(object, "status");
        String uid = Fields.text(meta, "uid");
        // A static pod's mirror has a UID of its own; kubelet names the cgroup by the manifest's.
        String hash = Fields.text(Fields.map(meta, "annotations"), "kubernetes.io/config.hash");
        var key = new ObjectKey("Workload", Fields.text(meta, "namespace"), Fields.text(meta, "name"));
        String account = Fields.text(spec, "serviceAccountName");
        String phase = Fields.text(status, "phase");
        return new Pod(new Metadata(key, Fields.texts(meta, "labels"), Map.of(), Fields.time(meta, "creationTimestamp"), 0, uid, "kubernetes"),
                hash.isEmpty() ? uid : hash, account.isEmpty() ? "default" : account, addresses(status), ports(spec),
                isReady(status), phase.equals("Succeeded") || phase.equals("Failed"), Fields.flag(spec, "hostNetwork"),
                Fields.text(status, "qosClass"));
    }

    Optional<String> label(String name) {
        return Optional.ofNullable(metadata.labels().get(name));
    }

    private static List<InetAddress> addresses(Map<String, Object> status) {
        List<InetAddress> addresses = new ArrayList<>();
        for (Map<String, Object> each : Fields.list(status, "podIPs")) {
            address(Fields.text(each, "ip")).ifPresent(addresses::add);
        }
        if (addresses.isEmpty()) {
            address(Fields.text(status, "podIP")).ifPresent(addresses::add);
        }
        return addresses;
    }

    private static Optional<InetAddress> address(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Integer> ports(Map<String, Object> spec) {
        Map<String, Integer> ports = new HashMap<>();
        for (Map<String, Object> container : Fields.list(spec, "containers")) {
            for (Map<String, Object> port : Fields.list(container, "ports")) {
                String name = Fields.text(port, "name");
                if (!name.isEmpty()) {
                    ports.put(name, (int) Fields.number(port, "containerPort"));
                }
            }
        }
        return ports;
    }

    private static boolean isReady(Map<String, Object> status) {
        return Fields.list(status, "conditions").stream()
                .anyMatch(each -> Fields.text(each, "type").equals("Ready") && Fields.text(each, "status").equals("True"));
    }
}
