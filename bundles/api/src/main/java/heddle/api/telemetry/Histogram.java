package heddle.api.telemetry;

import org.osgi.annotation.versioning.ConsumerType;

@ConsumerType
public interface Histogram {
    void observe(double value);
}
