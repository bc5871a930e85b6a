package heddle.api.policy;

import org.osgi.annotation.versioning.ProviderType;

/** A backend that subrequests and mirrors can be sent to. */
@ProviderType
public interface Backend {
    /** {@code namespace/service:port}. */
    String name();
}
