package heddle.sample.jwt;

import heddle.api.model.CustomObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the fields of a resource; what is wrong is named by field. */
record Fields(Map<?, ?> values, String path) {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,5})(ms|s|m|h)");

    static Fields of(CustomObject resource) {
        return new Fields(resource.spec(), "spec");
    }

    Fields only(String... names) throws BadFieldException {
        for (Object name : values.keySet()) {
            if (!Set.of(names).contains(String.valueOf(name))) throw bad(String.valueOf(name), "is unknown (expected: " + String.join(", ", names) + ")");
        }
        return this;
    }

    Optional<String> text(String name) throws BadFieldException {
        Object value = values.get(name);
        if (value == null) return Optional.empty();
        if (value instanceof String text && !text.isEmpty()) return Optional.of(text);
        throw bad(name, value + " (expected: a text)");
    }

    List<String> texts(String name) throws BadFieldException {
        Object value = values.get(name);
        if (value == null) return List.of();
        if (!(value instanceof List<?> list) || !list.stream().allMatch(each -> each instanceof String text && !text.isEmpty())) throw bad(name, value + " (expected: a list of texts)");
        return list.stream().map(String.class::cast).toList();
    }

    Fields object(String name) throws BadFieldException {
        if (values.get(name) instanceof Map<?, ?> map) return new Fields(map, path + "." + name);
        throw bad(name, values.get(name) + " (expected: an object)");
    }

    List<Fields> objects(String name) throws BadFieldException {
        Object value = values.get(name);
        if (value == null) return List.of();
        if (!(value instanceof List<?> list)) throw bad(name, value + " (expected: a list)");
        List<Fields> objects = new ArrayList<>();
        for (Object each : list) {
            if (!(each instanceof Map<?, ?> map)) throw bad(name, each + " (expected: an object)");
            objects.add(new Fields(map, path + "." + name + "[" + objects.size() + "]"));
        }
        return objects;
    }

    Duration duration(String name, Duration absent) throws BadFieldException {
        Optional<String> text = text(name);
        if (text.isEmpty()) return absent;
        Matcher duration = DURATION.matcher(text.get());
        if (!duration.matches()) throw bad(name, text.get() + " (expected: a duration such as 60s or 5m)");
        long amount = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "h" -> Duration.ofHours(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMillis(amount);
        };
    }

    BadFieldException bad(String name, String problem) {
        return new BadFieldException(path + "." + name, problem);
    }
}
