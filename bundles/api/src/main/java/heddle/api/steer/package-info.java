/** Steering: how connections to Services reach the daemon, and what the kernel does with those that need not. */
@Export @Version("0.1.1") @NullMarked
package heddle.api.steer;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
