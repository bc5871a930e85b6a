package heddle.source.kube.internal;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads fields of an API object's JSON tree; what is absent or of another type reads as empty. */
final class Fields {
    private Fields() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Map<String, Object> from, String... path) {
        Map<String, Object> at = from;
        for (String name : path) {
            if (!(at.get(name) instanceof Map<?, ?> next)) {
                return Map.of();
            }
            at = (Map<String, Object>) next;
        }
        return at;
    }

    static String text(Map<String, Object> from, String name) {
        return from.get(name) instanceof String text ? text : "";
    }

    static long number(Map<String, Object> from, String name) {
        return from.get(name) instanceof Number number ? number.longValue() : 0;
    }

    static boolean flag(Map<String, Object> from, String name) {
        return Boolean.TRUE.equals(from.get(name));
    }

    /** The elements that are objects. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> from, String name) {
        return from.get(name) instanceof List<?> list
                ? list.stream().filter(Map.class::isInstance).map(each -> (Map<String, Object>) each).toList() : List.of();
    }

    /** The entries whose values are strings, as in labels and annotations. */
    static Map<String, String> texts(Map<String, Object> from, String name) {
        Map<String, Object> raw = map(from, name);
        if (raw.isEmpty()) {
            return Map.of();
        }
        var texts = new java.util.HashMap<String, String>(raw.size() * 2);
        raw.forEach((key, value) -> {
            if (value instanceof String text) {
                texts.put(key, text);
            }
        });
        return texts;
    }

    static Optional<Instant> time(Map<String, Object> from, String name) {
        String text = text(from, name);
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
