package heddle.api.plan;

import heddle.api.identity.Client;
import org.osgi.annotation.versioning.ProviderType;

/** One Service port in one snapshot. */
@ProviderType
public interface FrontendPlan {
    /** {@code namespace/name}. */
    String service();

    int port();

    /** The routes that apply to a client: selected consumer, consumer, selected producer, producer set, or none (SPEC.md last section). */
    ClientPlan forClient(Client client);

    /** Where its requests are remembered. */
    default RequestLog log() {
        return RequestLog.OFF;
    }
}
