package heddle.core.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.ConfigMapObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.SecretObject;
import heddle.api.model.TargetRef;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The trust anchors that a BackendTLSPolicy names (SPEC.md B13): key {@code ca.crt} of ConfigMaps and Secrets in its namespace.
 *  @param pem      of all references that are good
 *  @param problems of the others: reason and message */
record CaBundle(String pem, List<BackendResolver.RefProblem> problems) {
    private static final String KEY = "ca.crt";

    static CaBundle of(BackendTlsPolicy policy, World world) {
        StringBuilder pem = new StringBuilder();
        List<BackendResolver.RefProblem> problems = new ArrayList<>();
        for (TargetRef ref : policy.caCertificateRefs()) {
            String what = ref.kind() + " " + policy.namespace() + "/" + ref.name();
            if (!ref.group().isEmpty() || !ref.kind().equals("ConfigMap") && !ref.kind().equals("Secret")) {
                problems.add(new BackendResolver.RefProblem("InvalidKind", "caCertificateRefs: " + (ref.group().isEmpty() ? "" : ref.group() + "/") + what
                        + " is of a kind that holds no certificates (expected: ConfigMap or Secret)"));
                continue;
            }
            Optional<Map<String, String>> data = data(world, new ObjectKey(ref.kind(), policy.namespace(), ref.name()));
            String text = data.map(each -> each.getOrDefault(KEY, "")).orElse("");
            String problem = data.isEmpty() ? "does not exist" : text.isBlank() ? "has no key " + KEY : unreadable(text);
            if (problem.isEmpty()) pem.append(text.strip()).append('\n');
            else problems.add(new BackendResolver.RefProblem("InvalidCACertificateRef", "caCertificateRefs: " + what + " " + problem));
        }
        return new CaBundle(pem.toString(), problems);
    }

    private static Optional<Map<String, String>> data(World world, ObjectKey key) {
        return switch (world.data().get(key)) {
            case ConfigMapObject map -> Optional.of(map.data());
            case SecretObject secret -> Optional.of(secret.data());
            case null, default -> Optional.empty();
        };
    }

    /** "" when every certificate in it can be read. */
    private static String unreadable(String pem) {
        try {
            int count = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1))).size();
            return count == 0 ? "holds no certificate in " + KEY : "";
        } catch (CertificateException e) {
            return "holds something else than PEM certificates in " + KEY;
        }
    }
}
