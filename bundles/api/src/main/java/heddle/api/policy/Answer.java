package heddle.api.policy;

import java.util.List;

/** The answer to a subrequest; status 0 = there was none, {@code reason} says why. Trailers are appended to the headers. */
public record Answer(int status, List<FilterAction.Field> headers, byte[] body, String reason) {
    public Answer {
        headers = List.copyOf(headers);
    }
}
