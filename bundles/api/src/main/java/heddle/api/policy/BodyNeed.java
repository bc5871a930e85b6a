package heddle.api.policy;

/** What a filter wants of the request body. */
public sealed interface BodyNeed {
    BodyNeed NONE = new None();

    record None() implements BodyNeed {}

    /** The body, held back until it is complete, then given as {@link Exchange#body()}.
     *  @param maxBytes above it: REJECT answers 413, SKIP calls the filter without a body */
    record Buffered(int maxBytes, WhenOver whenOver) implements BodyNeed {}

    enum WhenOver { REJECT, SKIP }
}
