package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A request's head as it is kept for a while. Credentials are not kept: their values are replaced.
 *  @param millis since 1970
 *  @param rule   that a failed one matched, or ""
 *  @param reason why it failed; "" = it did not, or that is not known */
record RecentRequest(long millis, Client client, String method, String target, List<Map.Entry<String, String>> fields, int status, String reason, String rule) {
    /** A longer head is not kept. */
    private static final int MOST = 8192;

    /** @return null when the head is too long to be kept */
    static @org.jspecify.annotations.Nullable RecentRequest of(RequestHead head, String target, int status, String reason, String rule) {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        head.headers((name, value) -> fields.add(Map.entry(name, name.equals("authorization") || name.equals("proxy-authorization") ? "(not kept)" : value)));
        RecentRequest made = new RecentRequest(System.currentTimeMillis(), head.client(), head.method(), target, List.copyOf(fields), status, reason, rule);
        return made.size() > MOST ? null : made;
    }

    int size() {
        int size = target.length();
        for (Map.Entry<String, String> field : fields) size += field.getKey().length() + field.getValue().length();
        return size;
    }

    GivenRequest head(Client from) throws BadPathException {
        GivenRequest head = GivenRequest.of(method, target).from(from);
        for (Map.Entry<String, String> field : fields) head = head.with(field.getKey(), field.getValue());
        return head;
    }
}
