package heddle.api.source;

/** Something a source could not take over.
 *  @param where file and line, or the object: {@code shop.yaml:12}
 *  @param field the field's path, {@code spec.rules[2].matches[0].path.value}, or "" for the whole */
public record SourceProblem(String where, String object, String field, String message) {
    @Override public String toString() {
        return where + ": " + (object.isEmpty() ? "" : object + ": ") + (field.isEmpty() ? "" : field + ": ") + message;
    }
}
