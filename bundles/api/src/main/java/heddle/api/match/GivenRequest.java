package heddle.api.match;

import heddle.api.identity.Client;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/** A request head as a value: for explain, replays and tests. Immutable; header names become lower-case and repeated ones are joined
 *  as a forwarder joins them (SPEC.md M7). */
public final class GivenRequest implements RequestHead {
    private final String method;
    private final String target;
    private final String path;
    private final String query;
    private final String authority;
    private final String scheme;
    private final List<Map.Entry<String, String>> fields;
    private final Map<String, String> joined;
    private final Client client;

    private GivenRequest(String method, String target, String path, String authority, String scheme,
                         List<Map.Entry<String, String>> fields, Client client) {
        this.method = method;
        this.target = target;
        this.path = path;
        this.query = RequestPath.query(target);
        this.authority = authority;
        this.scheme = scheme;
        this.fields = fields;
        this.client = client;
        this.joined = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : fields) joined.merge(field.getKey(), field.getValue(), (a, b) -> a + ", " + b);
    }

    /** A request of no known client without headers.
     *  @param target path and query, an absolute form (whose authority counts), {@code *}, or an authority for CONNECT
     *  @throws BadPathException a daemon would answer 400 */
    public static GivenRequest of(String method, String target) throws BadPathException {
        String path = RequestPath.of(method, target);
        int scheme = target.charAt(0) == '/' ? -1 : target.indexOf("://");
        String authority = "";
        if (scheme > 0) {
            int end = scheme + 3;
            while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') end++;
            authority = target.substring(scheme + 3, end);
        } else if (method.equals("CONNECT") && path.isEmpty()) {
            authority = target;
        }
        return new GivenRequest(method, target, path, authority, scheme > 0 ? target.substring(0, scheme).toLowerCase(Locale.ROOT) : "http",
                List.of(), Client.UNKNOWN);
    }

    /** With one more header field; {@code Host} sets the authority unless the target is in absolute form. */
    public GivenRequest with(String header, String value) {
        String name = header.toLowerCase(Locale.ROOT);
        List<Map.Entry<String, String>> more = new ArrayList<>(fields);
        more.add(Map.entry(name, value));
        boolean host = name.equals("host") && (target.startsWith("/") || target.equals("*"));
        return new GivenRequest(method, target, path, host ? value : authority, scheme, List.copyOf(more), client);
    }

    public GivenRequest from(Client newClient) {
        return new GivenRequest(method, target, path, authority, scheme, fields, newClient);
    }

    @Override public String method() {
        return method;
    }

    @Override public String target() {
        return target;
    }

    @Override public String path() {
        return path;
    }

    @Override public String query() {
        return query;
    }

    @Override public String authority() {
        return authority;
    }

    @Override public String scheme() {
        return scheme;
    }

    @Override public String header(String name) {
        return joined.getOrDefault(name, "");
    }

    @Override public boolean hasHeader(String name) {
        return joined.containsKey(name);
    }

    @Override public void headers(BiConsumer<String, String> each) {
        for (Map.Entry<String, String> field : fields) each.accept(field.getKey(), field.getValue());
    }

    @Override public Client client() {
        return client;
    }

    @Override public String toString() {
        return method + " " + target + " " + fields;
    }
}
