package heddle.shell.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Prints the API's records as JSON: a record is an object, an empty Optional is null. */
final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    static String of(Object value) {
        Json json = new Json();
        json.value(value, 0);
        return json.text.toString();
    }

    private void value(@org.jspecify.annotations.Nullable Object value, int depth) {
        switch (value) {
            case null -> text.append("null");
            case Optional<?> optional -> value(optional.orElse(null), depth);
            case OptionalInt optional -> value(optional.isPresent() ? optional.getAsInt() : null, depth);
            case Boolean bool -> text.append(bool);
            case Double number -> text.append(Double.isFinite(number) ? number.toString() : "null");
            case Number number -> text.append(number);
            case Map<?, ?> map -> map(map, depth);
            case Collection<?> many -> array(many, depth);
            case Object[] many -> array(Arrays.asList(many), depth);
            case Record record -> record(record, depth);
            case InetAddress address -> quote(address.getHostAddress());
            default -> quote(value.toString());
        }
    }

    private void map(Map<?, ?> map, int depth) {
        open('{');
        boolean first = true;
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().stream().sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString())).iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            next(first, depth + 1);
            first = false;
            quote(entry.getKey().toString());
            text.append(": ");
            value(entry.getValue(), depth + 1);
        }
        close('}', first, depth);
    }

    private void record(Record record, int depth) {
        open('{');
        boolean first = true;
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            next(first, depth + 1);
            first = false;
            quote(component.getName());
            text.append(": ");
            try {
                value(component.getAccessor().invoke(record), depth + 1);
            } catch (IllegalAccessException | InvocationTargetException bad) {
                throw new IllegalStateException(record.getClass() + "." + component.getName(), bad);
            }
        }
        close('}', first, depth);
    }

    private void array(Collection<?> many, int depth) {
        open('[');
        boolean first = true;
        for (Object each : many) {
            next(first, depth + 1);
            first = false;
            value(each, depth + 1);
        }
        close(']', first, depth);
    }

    private void open(char bracket) {
        text.append(bracket);
    }

    private void next(boolean first, int depth) {
        text.append(first ? "\n" : ",\n").repeat("  ", depth);
    }

    private void close(char bracket, boolean empty, int depth) {
        if (!empty) text.append('\n').repeat("  ", depth);
        text.append(bracket);
    }

    private void quote(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) text.append(String.format("\\u%04x", (int) c));
                    else text.append(c);
                }
            }
        }
        text.append('"');
    }
}
