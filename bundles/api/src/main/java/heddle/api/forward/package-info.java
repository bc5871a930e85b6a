/** The forwarder: carries connections and requests. */
@Export @Version("0.1.2") @NullMarked
package heddle.api.forward;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
