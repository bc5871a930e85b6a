package heddle.api.plan;

import java.util.List;

/** BackendTLSPolicy in force on a backend (SPEC.md B13). Equal settings share connection pools.
 *  @param caCertificatesPem trust anchors; empty = the system's
 *  @param hostnames         names of which one must be in the certificate; URIs for SPIFFE */
public record UpstreamTls(String serverName, String caCertificatesPem, List<String> hostnames) {
    public UpstreamTls {
        hostnames = List.copyOf(hostnames);
    }
}
