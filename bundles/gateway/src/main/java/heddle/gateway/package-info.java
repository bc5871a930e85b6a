/** Gateway API manifests to model: decode, validate. For route sources only. */
@Export @Version("0.2.0") @NullMarked
package heddle.gateway;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
