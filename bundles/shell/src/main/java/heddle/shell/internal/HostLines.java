package heddle.shell.internal;

import heddle.api.admin.ServiceReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Services as lines of an /etc/hosts. The bare name is a Service of the reader's own namespace, as in a cluster; without a
 *  namespace, one that no other namespace has. */
final class HostLines {
    private HostLines() {}

    static List<String> of(List<ServiceReport> services, String namespace) {
        Map<String, Integer> bare = new HashMap<>();
        services.forEach(service -> bare.merge(service.name(), 1, Integer::sum));
        List<String> lines = new ArrayList<>();
        for (ServiceReport service : services) {
            String name = service.name();
            String full = name + "." + service.namespace();
            boolean own = namespace.isEmpty() ? bare.getOrDefault(name, 0) == 1 : service.namespace().equals(namespace);
            for (String address : service.addresses()) {
                lines.add(address + "\t" + (own ? name + " " : "") + full + " " + full + ".svc " + full + ".svc.cluster.local");
            }
        }
        return lines;
    }
}
