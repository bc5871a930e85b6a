package heddle.testkit;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.RequestPath;
import heddle.api.policy.RequestEdit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A request that filters edit, in memory. Not for several threads. Errors: a target that a daemon would answer 400 fails the test. */
public final class EditedRequest implements RequestEdit {
    private final String method;
    private String target;
    private String authority = "shop";
    private String scheme = "http";
    private Client client = Client.UNKNOWN;
    private final Map<String, String> headers = new TreeMap<>();

    public EditedRequest(String method, String target) {
        this.method = method;
        this.target = target;
    }

    public static EditedRequest get(String target) {
        return new EditedRequest("GET", target);
    }

    /** With this header, in place of an earlier one of the name; repeated lines reach a filter joined by ", " (SPEC.md M7). */
    public EditedRequest with(String name, String value) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    /** With this {@code Host} or {@code :authority}. */
    public EditedRequest at(String host) {
        authority = host;
        return this;
    }

    public EditedRequest over(String newScheme) {
        scheme = newScheme;
        return this;
    }

    public EditedRequest from(Client newClient) {
        client = newClient;
        return this;
    }

    /** The headers as they are now, names lower-case. */
    public Map<String, String> headers() {
        return Map.copyOf(headers);
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
