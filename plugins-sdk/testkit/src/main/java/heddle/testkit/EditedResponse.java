package heddle.testkit;

import heddle.api.policy.ResponseEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A response that filters edit, in memory. Not for several threads. */
public final class EditedResponse implements ResponseEdit {
    private int status = 200;
    private final List<String> fields = new ArrayList<>();

    public static EditedResponse of(int status) {
        EditedResponse response = new EditedResponse();
        response.status = status;
        return response;
    }

    public EditedResponse with(String name, String value) {
        appendHeader(name, value);
        return this;
    }

    /** The field lines in order, as {@code name: value}, names lower-case. */
    public List<String> fields() {
        return List.copyOf(fields);
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
