package heddle.api.model;

/** HTTPPathMatch. Values were validated by the decoder (SPEC.md M3); an unknown type is kept so that the rule can be refused (M13). */
public sealed interface PathMatch {
    String value();

    record Exact(String value) implements PathMatch {}

    /** Per path element; a trailing slash of the value says nothing (SPEC.md M2). */
    record Prefix(String value) implements PathMatch {}

    /** The whole path must match (SPEC.md M10). */
    record Regex(String value) implements PathMatch {}

    record Unknown(String type, String value) implements PathMatch {}
}
