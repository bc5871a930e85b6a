package heddle.gateway.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.ConfigMapObject;
import heddle.api.model.Durations;
import heddle.api.model.MeshResource;
import heddle.api.model.Metadata;
import heddle.api.model.SecretObject;
import heddle.api.model.TargetRef;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** BackendTLSPolicy, XBackendTrafficPolicy, XMesh, and the ConfigMaps and Secrets that policies name. */
final class PolicyDecoder {
    private static final TextRule SAN_TYPE = TextRule.oneOf("Hostname", "URI");
    private static final TextRule URI = new TextRule("an absolute URI with an authority: spiffe://...", 1, 253,
            text -> text.indexOf("://") > 0 && text.lastIndexOf('/', text.indexOf("://")) < 0 && text.indexOf(':') == text.indexOf("://"));
    private static final TextRule WELL_KNOWN = new TextRule("System, or DOMAIN/NAME", 1, 253,
            text -> text.equals("System") || text.indexOf('/') > 0 && Rules.QUALIFIED_NAME.allows(text));
    private static final TextRule CONTROLLER = new TextRule("DOMAIN/PATH", 1, 253, PolicyDecoder::isController);
    private static final TextRule DATA_KEY = new TextRule("letters, digits, '-', '_' and '.', at most 253 characters", 1, 253,
            text -> text.chars().allMatch(c -> c == '-' || c == '_' || c == '.' || c < 128 && Character.isLetterOrDigit(c)));
    private static final Duration HOUR = Duration.ofHours(1);

    static ConfigMapObject configMap(Spot root, Metadata metadata) {
        root.ignore("binaryData", "immutable");
        return new ConfigMapObject(metadata, root.field("data").strings(DATA_KEY, TextRule.ANY));
    }

    static SecretObject secret(Spot root, Metadata metadata) {
        Map<String, String> data = new HashMap<>();
        Spot encoded = root.field("data");
        encoded.strings(DATA_KEY, TextRule.ANY).forEach((key, value) -> {
            try {
                data.put(key, new String(Base64.getMimeDecoder().decode(value), StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                encoded.problem("the value of \"" + key + "\" is not shown here (expected: base64)");
            }
        });
        root.field("stringData").strings(DATA_KEY, TextRule.ANY)
                .forEach((key, value) -> data.put(key, new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
        root.ignore("immutable");
        return new SecretObject(metadata, root.field("type").text(TextRule.ANY, "Opaque"), data);
    }

    /** apis/v1/backendtlspolicy_types.go */
    static BackendTlsPolicy tls(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        List<TargetRef> targets = targets(spec, true);
        Spot validation = spec.required("validation", "an object");
        validation.isObject();
        List<TargetRef> authorities = new ArrayList<>();
        for (Spot spot : validation.field("caCertificateRefs").objects(0, 8)) {
            authorities.add(new TargetRef(References.group(spot), References.kind(spot), References.name(spot), Optional.empty()));
            spot.done();
        }
        String wellKnown = validation.field("wellKnownCACertificates").text(WELL_KNOWN, "");
        if (validation.present() && authorities.isEmpty() == wellKnown.isEmpty()) {
            validation.problem((wellKnown.isEmpty() ? "has neither" : "has both") + " caCertificateRefs "
                    + (wellKnown.isEmpty() ? "nor" : "and") + " wellKnownCACertificates (expected: one of them)");
        }
        String hostname = validation.required("hostname", Rules.PRECISE_HOSTNAME.expected()).text(Rules.PRECISE_HOSTNAME, "");
        List<BackendTlsPolicy.SubjectAltName> names = new ArrayList<>();
        for (Spot spot : validation.field("subjectAltNames").objects(0, 5)) {
            boolean uri = spot.required("type", SAN_TYPE.expected()).text(SAN_TYPE, "").equals("URI");
            Spot value = spot.required(uri ? "uri" : "hostname", "a value, since the type is " + (uri ? "URI" : "Hostname"));
            Spot other = spot.field(uri ? "hostname" : "uri");
            if (other.present()) {
                other.problem("is set (expected: only with type " + (uri ? "Hostname" : "URI") + ")");
            }
            names.add(new BackendTlsPolicy.SubjectAltName(uri, value.text(uri ? URI : Rules.HOSTNAME, "")));
            spot.done();
        }
        validation.done();
        Map<String, String> options = spec.field("options").strings(Rules.QUALIFIED_NAME, TextRule.upTo(4096));
        if (options.size() > 16) {
            spec.field("options").fail("at most 16 entries");
        }
        spec.done();
        return new BackendTlsPolicy(metadata, targets, hostname, names, authorities, wellKnown, options);
    }

    /** apisx/v1alpha1/xbackendtrafficpolicy_types.go */
    static BackendTrafficPolicy traffic(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        List<TargetRef> targets = targets(spec, false);
        Spot constraint = spec.field("retryConstraint");
        Optional<BackendTrafficPolicy.RetryConstraint> retry = Optional.empty();
        if (constraint.isObject()) {
            Spot budget = constraint.field("budget");
            budget.isObject();
            Spot rate = constraint.field("minRetryRate");
            rate.isObject();
            retry = Optional.of(new BackendTrafficPolicy.RetryConstraint(budget.field("percent").integer(0, 100, 20),
                    interval(budget.field("interval"), 10, Duration.ofSeconds(1)), rate.field("count").integer(1, 1_000_000, 10),
                    interval(rate.field("interval"), 1, Duration.ofMillis(1))));
            budget.done();
            rate.done();
        }
        constraint.done();
        BackendTrafficPolicy policy = new BackendTrafficPolicy(metadata, targets, retry, RouteRules.sessionPersistence(spec.field("sessionPersistence")));
        spec.done();
        return policy;
    }

    private static Duration interval(Spot spot, int seconds, Duration least) {
        Duration interval = spot.duration().orElse(Duration.ofSeconds(seconds));
        if (interval.compareTo(least) < 0 || interval.compareTo(HOUR) > 0) {
            spot.fail("a duration from " + Durations.print(least) + " to 1h");
        }
        return interval;
    }

    /** apisx/v1alpha1/xmesh_types.go */
    static MeshResource mesh(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        Spot ref = spec.field("parametersRef");
        Optional<MeshResource.Parameters> parameters = ref.isObject() ? Optional.of(new MeshResource.Parameters(References.group(ref), References.kind(ref),
                References.name(ref), ref.field("namespace").text(Rules.NAMESPACE))) : Optional.empty();
        ref.done();
        MeshResource mesh = new MeshResource(metadata, spec.required("controllerName", CONTROLLER.expected()).text(CONTROLLER, ""),
                spec.field("description").text(TextRule.upTo(64), ""), parameters);
        spec.done();
        return mesh;
    }

    /** LocalPolicyTargetReference(WithSectionName): several to one target must all have sections, different ones. */
    private static List<TargetRef> targets(Spot spec, boolean sections) {
        List<TargetRef> targets = new ArrayList<>();
        Set<TargetRef> seen = new HashSet<>();
        Map<List<String>, Boolean> withSection = new HashMap<>();
        for (Spot spot : spec.required("targetRefs", "a list").objects(1, 16)) {
            TargetRef ref = new TargetRef(References.group(spot), References.kind(spot), References.name(spot),
                    sections ? spot.field("sectionName").text(Rules.SECTION_NAME) : Optional.empty());
            spot.done();
            Boolean other = withSection.putIfAbsent(List.of(ref.group(), ref.kind(), ref.name()), ref.sectionName().isPresent());
            if (!seen.add(ref)) {
                spot.problem("names the same target as another targetRef (expected: " + (sections ? "another sectionName)" : "each target once)"));
            } else if (other != null && other != ref.sectionName().isPresent()) {
                spot.problem("names a target that another targetRef names too (expected: all of them with sectionName)");
            }
            targets.add(ref);
        }
        return targets;
    }

    /** {@code DOMAIN\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+} */
    private static boolean isController(String text) {
        int slash = text.indexOf('/');
        return slash > 0 && Rules.isSubdomain(text.substring(0, slash)) && slash + 1 < text.length()
                && text.chars().skip(slash + 1).allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "/-._~%!$&'()*+,;=:".indexOf(c) >= 0));
    }

    private PolicyDecoder() {}
}
