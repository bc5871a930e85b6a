/** Metrics. One sink at a time; a bundle's metrics are constants of type MetricSpec. */
@Export @Version("0.1.0") @NullMarked
package heddle.api.telemetry;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
