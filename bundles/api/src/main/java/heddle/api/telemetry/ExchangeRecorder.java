package heddle.api.telemetry;

import heddle.api.policy.Backend;
import heddle.api.policy.Outcome;
import org.osgi.annotation.versioning.ProviderType;

/** Reports one exchange of a rule, once, whatever its end. On event loops; must not block. */
@ProviderType
public interface ExchangeRecorder {
    /** @param backend where it went last, or {@link #NO_BACKEND}
     *  @param status  what the client got
     *  @param nanos   from the request's first byte to the response's last */
    void end(Backend backend, int status, Outcome outcome, long nanos);

    Backend NO_BACKEND = () -> "";
}
