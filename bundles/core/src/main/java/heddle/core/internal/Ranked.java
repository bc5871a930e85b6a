package heddle.core.internal;

import java.util.Map;

/** A whiteboard service with what orders it: the higher {@code service.ranking} first, then the older registration. */
record Ranked<T>(T service, int ranking, long id) implements Comparable<Ranked<T>> {
    static <T> Ranked<T> of(T service, Map<String, ?> properties) {
        int ranking = properties.get("service.ranking") instanceof Integer given ? given : 0;
        long id = properties.get("service.id") instanceof Long given ? given : Long.MAX_VALUE;
        return new Ranked<>(service, ranking, id);
    }

    @Override public int compareTo(Ranked<T> other) {
        int byRanking = Integer.compare(other.ranking, ranking);
        return byRanking != 0 ? byRanking : Long.compare(id, other.id);
    }
}
