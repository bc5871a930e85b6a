package heddle.api.policy;

import java.util.List;

/** A request that a filter makes. */
public record Subrequest(String method, String target, String authority, List<FilterAction.Field> headers, byte[] body, boolean http2) {
    public Subrequest {
        headers = List.copyOf(headers);
    }
}
