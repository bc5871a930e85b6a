package heddle.api.policy;

import heddle.api.match.RequestHead;
import org.osgi.annotation.versioning.ProviderType;

/** The request on its way to the backend. Reads show earlier edits. Header names are case-insensitive on the way in. */
@ProviderType
public interface RequestEdit extends RequestHead {
    void setHeader(String name, String value);

    /** Appends comma-wise to an existing value (SPEC.md F6). */
    void addHeader(String name, String value);

    void removeHeader(String name);

    /** The new request target, path and query; from then on the original bytes are not forwarded. */
    void setTarget(String target);

    void setAuthority(String authority);
}
