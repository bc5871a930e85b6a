package heddle.api.telemetry;

import org.osgi.annotation.versioning.ConsumerType;

@ConsumerType
public interface Gauge {
    void set(double value);
}
