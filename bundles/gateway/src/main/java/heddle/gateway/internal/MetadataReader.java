package heddle.gateway.internal;

import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/** metadata of any object. */
final class MetadataReader {
    static final String DEFAULT_NAMESPACE = "default";
    private static final TextRule SUBDOMAIN_NAME = new TextRule("a DNS subdomain of at most 253 characters", 1, 253, Rules::isSubdomain);
    private static final TextRule LABEL_NAME = new TextRule("a DNS label of at most 63 characters", 1, 63, Rules::isLabel);

    static Metadata read(Spot root, String kind, boolean namespaced) {
        Spot meta = root.required("metadata", "an object with a name");
        meta.isObject();
        TextRule rule = kind.equals("Namespace") || kind.equals("Service") ? LABEL_NAME : SUBDOMAIN_NAME;
        String name = meta.required("name", rule.expected()).text(rule, "");
        String namespace = meta.field("namespace").text(Rules.NAMESPACE, DEFAULT_NAMESPACE);
        Map<String, String> labels = meta.field("labels").strings(Rules.QUALIFIED_NAME, Rules.LABEL_VALUE);
        Map<String, String> annotations = meta.field("annotations").strings(Rules.QUALIFIED_NAME, TextRule.ANY);
        Optional<Instant> created = instant(meta.field("creationTimestamp"));
        int generation = meta.field("generation").integer(0, Integer.MAX_VALUE, 0);
        String uid = meta.field("uid").text(TextRule.ANY, "");
        meta.ignore("generateName", "resourceVersion", "managedFields", "ownerReferences", "finalizers", "selfLink", "deletionTimestamp",
                "deletionGracePeriodSeconds");
        meta.done();
        ObjectKey key = new ObjectKey(kind, namespaced ? namespace : "", name);
        return new Metadata(key, labels, annotations, created, generation, uid, root.report().where(root.line()));
    }

    private static Optional<Instant> instant(Spot spot) {
        return spot.text(TextRule.ANY).flatMap(text -> {
            try {
                return Optional.of(java.time.OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeParseException e) {
                spot.fail("a time such as 2026-01-31T12:00:00Z");
                return Optional.empty();
            }
        });
    }

    private MetadataReader() {}
}
