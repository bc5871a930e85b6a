package heddle.api.identity;

import java.util.Map;

/** The client of a connection. Interned by core: equal clients of one generation are the same instance. */
public sealed interface Client {
    /** The namespace, "" when unknown (then the producer set applies: SPEC.md P2). */
    String namespace();

    /** {@code namespace/workload}, or {@code unknown}. */
    String id();

    record Known(String namespace, String workload, String serviceAccount, Map<String, String> labels) implements Client {
        public Known {
            labels = Map.copyOf(labels);
        }

        @Override public String id() {
            return namespace + "/" + workload;
        }
    }

    record Unknown() implements Client {
        @Override public String namespace() {
            return "";
        }

        @Override public String id() {
            return "unknown";
        }
    }

    Client UNKNOWN = new Unknown();
}
