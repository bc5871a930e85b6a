package heddle.api.model;

/** A header or query parameter condition. Header names are lower-cased by the decoder; query names are as written. */
public sealed interface ValueMatch {
    String name();

    String value();

    record Exact(String name, String value) implements ValueMatch {}

    /** The whole value must match (SPEC.md M10). */
    record Regex(String name, String value) implements ValueMatch {}

    record Unknown(String name, String type, String value) implements ValueMatch {}
}
