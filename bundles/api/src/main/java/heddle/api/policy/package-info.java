/** Filters and load balancers: what a vendor most often replaces. No Netty, no threads of the data path in sight. */
@Export @Version("0.1.0") @NullMarked
package heddle.api.policy;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
