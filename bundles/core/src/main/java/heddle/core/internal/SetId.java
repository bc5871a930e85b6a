package heddle.core.internal;

/** Which route set of a Service port (SPEC.md P1 to P3 and per-workload routes).
 *  @param namespace of a consumer set's clients; "" for producer sets */
record SetId(boolean consumer, boolean selected, String namespace) {
    static final SetId PRODUCER = new SetId(false, false, "");

    /** {@code producer}, {@code selected consumer}. */
    String kind() {
        return (selected ? "selected " : "") + (consumer ? "consumer" : "producer");
    }

    /** {@code consumer shop}. */
    @Override public String toString() {
        return consumer ? kind() + " " + namespace : kind();
    }
}
