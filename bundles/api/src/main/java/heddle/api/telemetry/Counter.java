package heddle.api.telemetry;

import org.osgi.annotation.versioning.ConsumerType;

/** Only goes up. */
@ConsumerType
public interface Counter {
    void add(long amount);
}
