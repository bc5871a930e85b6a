package heddle.match.internal;

/** What a condition can be found by without trying every candidate: requests that satisfy the condition have the key. */
sealed interface IndexKey {
    /** @param dimension what is looked up first; keys of one dimension share one index */
    record Value(Dimension dimension, String value) implements IndexKey {}

    /** Any value at all: a pattern must match it, but it must be there. */
    record Present(Dimension dimension) implements IndexKey {}

    record Path(String path) implements IndexKey {}

    /** A path element prefix, "" excluded. */
    record Under(String prefix) implements IndexKey {}

    /** On equal rarity, the cheaper look-up is taken; smaller is cheaper. */
    default int cost() {
        return switch (this) {
            case Path _ -> 0;
            case Value value -> switch (value.dimension().source()) {
                case HEADER, HOST, HOST_PORT -> 1;
                case METHOD -> 5;
                default -> 3;
            };
            case Under _ -> 2;
            case Present _ -> 4;
        };
    }

    /** Names the index that the key belongs to. */
    default Object index() {
        return switch (this) {
            case Path _ -> "path";
            case Under _ -> "path";
            case Value value -> value.dimension();
            case Present present -> present.dimension();
        };
    }
}
