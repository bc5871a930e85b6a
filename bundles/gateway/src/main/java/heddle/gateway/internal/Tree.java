package heddle.gateway.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A manifest as a tree, with the line (from 1) of each part: the one form that YAML, JSON and an API client's maps are turned into
 *  before decoding. Immutable, so an alias shares what it points at. */
public sealed interface Tree {
    /** Line in the file; 0 = unknown. */
    int line();

    /** Number of nodes, those behind aliases counted each time: bounds what decoding can cost. */
    int size();

    /** What kind of scalar the text is: a string, or a plain number, boolean or null. */
    enum Kind { STRING, INTEGER, FLOAT, BOOLEAN, NULL }

    record Scalar(String text, Kind kind, int line) implements Tree {
        @Override public int size() {
            return 1;
        }

        @Override public String toString() {
            return text;
        }
    }

    record Items(List<Tree> items, int line, int size) implements Tree {}

    /** A mapping in written order; {@code lines} are those of the keys. */
    record Fields(String[] keys, Tree[] values, int[] lines, int line, int size) implements Tree {
        int indexOf(String key) {
            for (int i = 0; i < keys.length; i++) {
                if (keys[i].equals(key)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** What a message calls this. */
    default String describe() {
        return switch (this) {
            case Scalar scalar -> switch (scalar.kind) {
                case STRING -> "\"" + shorten(scalar.text) + "\"";
                case NULL -> "null";
                case INTEGER, FLOAT -> "the number " + shorten(scalar.text);
                case BOOLEAN -> "the boolean " + scalar.text;
            };
            case Items items -> "a list of " + items.items.size();
            case Fields fields -> "an object";
        };
    }

    /** JSON's types: String, Long, Double, Boolean, List, Map; null entries are left out of maps and lists. */
    default Object toJson() {
        return switch (this) {
            case Scalar scalar -> switch (scalar.kind) {
                case STRING, NULL -> scalar.text;
                case BOOLEAN -> scalar.text.equalsIgnoreCase("true");
                case INTEGER -> integer(scalar.text);
                case FLOAT -> Scalars.floating(scalar.text);
            };
            case Items items -> {
                List<Object> list = new ArrayList<>(items.items.size());
                items.items.stream().filter(item -> !isNull(item)).forEach(item -> list.add(item.toJson()));
                yield List.copyOf(list);
            }
            case Fields fields -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = 0; i < fields.keys.length; i++) {
                    if (!isNull(fields.values[i])) {
                        map.put(fields.keys[i], fields.values[i].toJson());
                    }
                }
                yield Map.copyOf(map);
            }
        };
    }

    static boolean isNull(Tree tree) {
        return tree instanceof Scalar scalar && scalar.kind == Kind.NULL;
    }

    private static Object integer(String text) {
        try {
            return Scalars.integer(text);
        } catch (NumberFormatException tooLong) {
            return Scalars.floating(text);
        }
    }

    private static String shorten(String text) {
        String line = text.replace("\n", "\\n").replace("\r", "\\r");
        return line.length() <= 80 ? line : line.substring(0, 77) + "...";
    }

    /** A tree of a Java map or list, as JSON readers make them; lines are unknown. */
    static Tree of(@org.jspecify.annotations.Nullable Object value) {
        return switch (value) {
            case null -> new Scalar("null", Kind.NULL, 0);
            case Map<?, ?> map -> {
                TreeBuilder.OfFields fields = new TreeBuilder.OfFields(0);
                map.forEach((key, each) -> fields.add(String.valueOf(key), of(each), 0));
                yield fields.build();
            }
            case Iterable<?> list -> {
                TreeBuilder.OfItems items = new TreeBuilder.OfItems(0);
                list.forEach(each -> items.add(of(each)));
                yield items.build();
            }
            case Boolean bool -> new Scalar(bool.toString(), Kind.BOOLEAN, 0);
            case Integer number -> new Scalar(number.toString(), Kind.INTEGER, 0);
            case Long number -> new Scalar(number.toString(), Kind.INTEGER, 0);
            case java.math.BigInteger number -> new Scalar(number.toString(), Kind.INTEGER, 0);
            case Number number -> new Scalar(number.toString(), Kind.FLOAT, 0);
            default -> new Scalar(value.toString(), Kind.STRING, 0);
        };
    }
}
