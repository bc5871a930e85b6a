package heddle.api.steer;

import java.net.InetSocketAddress;
import org.osgi.annotation.versioning.ProviderType;

/** An accepted connection as the forwarder lends it, for the length of one call. */
@ProviderType
public interface Accepted {
    InetSocketAddress local();

    InetSocketAddress remote();

    /** One raw getsockopt; fills {@code value} and returns true, or returns false when the kernel refuses. */
    boolean socketOption(int level, int option, byte[] value);
}
