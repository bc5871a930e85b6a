package heddle.api.model;

import java.util.List;
import java.util.Map;

/** gateway.networking.k8s.io/v1 BackendTLSPolicy (SPEC.md B13).
 *  @param hostname           SNI, and the certificate's name unless {@code subjectAltNames} are given
 *  @param caCertificateRefs  ConfigMaps or Secrets of the policy's namespace; empty exactly when {@code wellKnown} is set
 *  @param wellKnown          {@code System}, an implementation's own set, or "" */
public record BackendTlsPolicy(Metadata metadata, List<TargetRef> targetRefs, String hostname, List<SubjectAltName> subjectAltNames,
                               List<TargetRef> caCertificateRefs, String wellKnown, Map<String, String> options) implements MeshObject {
    public BackendTlsPolicy {
        targetRefs = List.copyOf(targetRefs);
        subjectAltNames = List.copyOf(subjectAltNames);
        caCertificateRefs = List.copyOf(caCertificateRefs);
        options = Map.copyOf(options);
    }

    /** @param uri true: {@code value} is a URI (SPIFFE), false: a host name, its first label may be '*' */
    public record SubjectAltName(boolean uri, String value) {}
}
