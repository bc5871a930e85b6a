package heddle.policy.internal.filter;

import heddle.api.model.CustomObject;
import heddle.api.model.Durations;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a heddle.io resource's fields; what is wrong is named by field and object. */
final class Resource {
    /** SPEC.md T1 (GEP-2257). */

    private final Map<String, Object> fields;
    private final String path;
    private final String where;

    private Resource(Map<String, Object> fields, String path, String where) {
        this.fields = fields;
        this.path = path;
        this.where = where;
    }

    static Resource of(FilterSpec spec) throws InvalidFilterException {
        CustomObject object = spec.resource().orElseThrow(() -> new InvalidFilterException("extensionRef: the resource is missing in " + spec.where()));
        return new Resource(object.spec(), "spec", object.key() + " (" + spec.where() + ")");
    }

    /** A misspelt field must not silently do nothing. */
    Resource only(String... names) throws InvalidFilterException {
        for (String name : fields.keySet()) {
            if (!Set.of(names).contains(name)) throw bad(name, "is unknown (expected: " + String.join(", ", names) + ")");
        }
        return this;
    }

    Optional<Resource> object(String name) throws InvalidFilterException {
        Object value = fields.get(name);
        if (value == null) return Optional.empty();
        return Optional.of(new Resource(map(value, name), path + "." + name, where));
    }

    List<Resource> objects(String name) throws InvalidFilterException {
        Object value = fields.get(name);
        if (value == null) return List.of();
        if (!(value instanceof List<?> list)) throw bad(name, "expected: a list");
        List<Resource> objects = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) objects.add(new Resource(map(list.get(i), name), path + "." + name + "[" + i + "]", where));
        return objects;
    }

    private Map<String, Object> map(Object value, String name) throws InvalidFilterException {
        if (!(value instanceof Map<?, ?> map)) throw bad(name, "expected: an object");
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, each) -> copy.put(String.valueOf(key), each));
        return copy;
    }

    long number(String name, long least, long most, long absent) throws InvalidFilterException {
        Object value = fields.get(name);
        if (value == null) return absent;
        if (!(value instanceof Number number) || number.doubleValue() != number.longValue() || number.longValue() < least || number.longValue() > most) {
            throw bad(name, value + " (expected: a whole number from " + least + " to " + most + ")");
        }
        return number.longValue();
    }

    /** A percentage in hundredths of a percent; fractions are allowed. */
    int percent(String name, int absent) throws InvalidFilterException {
        Object value = fields.get(name);
        if (value == null) return absent;
        if (!(value instanceof Number number) || number.doubleValue() < 0 || number.doubleValue() > 100) throw bad(name, value + " (expected: 0 to 100)");
        return (int) Math.round(number.doubleValue() * 100);
    }

    String text(String name, String absent) throws InvalidFilterException {
        Object value = fields.get(name);
        if (value == null) return absent;
        if (!(value instanceof String text)) throw bad(name, value + " (expected: a string)");
        return text;
    }

    <E extends Enum<E>> E choice(String name, Class<E> type, Optional<E> absent) throws InvalidFilterException {
        String text = text(name, "");
        for (E constant : type.getEnumConstants()) {
            if (constant.toString().equals(text)) return constant;
        }
        if (text.isEmpty() && absent.isPresent()) return absent.get();
        throw bad(name, text + " (expected: one of " + List.of(type.getEnumConstants()) + ")");
    }

    Duration duration(String name, Duration absent) throws InvalidFilterException {
        String text = text(name, "");
        if (text.isEmpty()) return absent;
        if (!Durations.isValid(text)) throw bad(name, text + " (expected: a duration such as 1m30s or 250ms)");
        return Durations.parse(text);
    }

    InvalidFilterException bad(String name, String problem) {
        return new InvalidFilterException(path + "." + name + ": " + problem + " in " + where);
    }
}
