package heddle.policy.internal.filter;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.RequestPath;
import heddle.api.policy.RequestEdit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A request that filters edit, in memory. */
final class EditedRequest implements RequestEdit {
    final String method;
    String target;
    String authority = "shop";
    String scheme = "http";
    Client client = Client.UNKNOWN;
    final Map<String, String> headers = new TreeMap<>();

    EditedRequest(String method, String target) {
        this.method = method;
        this.target = target;
    }

    static EditedRequest get(String target) {
        return new EditedRequest("GET", target);
    }

    EditedRequest with(String name, String value) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    @Override public String method() {
        return method;
    }

    @Override public String target() {
        return target;
    }

    @Override public String path() {
        try {
            return RequestPath.of(method, target);
        } catch (BadPathException e) {
            throw new AssertionError(e);
        }
    }

    @Override public String query() {
        return RequestPath.query(target);
    }

    @Override public String authority() {
        return authority;
    }

    @Override public String scheme() {
        return scheme;
    }

    @Override public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    @Override public boolean hasHeader(String name) {
        return headers.containsKey(name);
    }

    @Override public void headers(BiConsumer<String, String> each) {
        headers.forEach(each);
    }

    @Override public Client client() {
        return client;
    }

    @Override public void setHeader(String name, String value) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
    }

    @Override public void addHeader(String name, String value) {
        headers.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + "," + b);
    }

    @Override public void removeHeader(String name) {
        headers.remove(name.toLowerCase(Locale.ROOT));
    }

    @Override public void setTarget(String newTarget) {
        target = newTarget;
    }

    @Override public void setAuthority(String newAuthority) {
        authority = newAuthority;
    }
}
