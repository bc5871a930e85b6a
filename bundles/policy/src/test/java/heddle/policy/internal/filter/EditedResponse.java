package heddle.policy.internal.filter;

import heddle.api.policy.ResponseEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A response that filters edit, in memory; fields as {@code name: value}. */
final class EditedResponse implements ResponseEdit {
    int status = 200;
    final List<String> fields = new ArrayList<>();

    EditedResponse with(String name, String value) {
        appendHeader(name, value);
        return this;
    }

    @Override public int status() {
        return status;
    }

    @Override public void setStatus(int newStatus) {
        status = newStatus;
    }

    @Override public String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ": ";
        return String.join(", ", fields.stream().filter(field -> field.startsWith(start)).map(field -> field.substring(start.length())).toList());
    }

    @Override public boolean hasHeader(String name) {
        return fields.stream().anyMatch(field -> field.startsWith(name.toLowerCase(Locale.ROOT) + ": "));
    }

    @Override public void setHeader(String name, String value) {
        removeHeader(name);
        appendHeader(name, value);
    }

    @Override public void addHeader(String name, String value) {
        if (hasHeader(name)) setHeader(name, header(name) + "," + value);
        else appendHeader(name, value);
    }

    @Override public void appendHeader(String name, String value) {
        fields.add(name.toLowerCase(Locale.ROOT) + ": " + value);
    }

    @Override public void removeHeader(String name) {
        fields.removeIf(field -> field.startsWith(name.toLowerCase(Locale.ROOT) + ": "));
    }
}
