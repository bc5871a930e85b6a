package heddle.api.match;

import heddle.api.identity.Client;
import java.util.function.BiConsumer;
import org.osgi.annotation.versioning.ProviderType;

/** A request's head, read-only. Valid on its event loop until the exchange ends. An interface, because it will grow. */
@ProviderType
public interface RequestHead {
    String method();

    /** The request target as received: {@code /a/b?c=d}, an absolute form, {@code *} or an authority. */
    String target();

    /** The normalised path (SPEC.md M5), without query; "" when the target has no path ({@code *}, authority form). */
    String path();

    /** The raw query after {@code ?}; "" when there is none. */
    String query();

    /** {@code Host} or {@code :authority} as received, with its port if it has one. */
    String authority();

    /** {@code http} or {@code https}. */
    String scheme();

    /** The value of a header (lower-case name), repeated ones joined by ", "; "" when absent, see {@link #hasHeader}. */
    String header(String name);

    boolean hasHeader(String name);

    /** Every header field in order, names lower-case. */
    void headers(BiConsumer<String, String> each);

    Client client();
}
