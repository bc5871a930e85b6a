/** What plugins' classes are woven with when they are loaded. Not to be called by hand. */
@Export @Version("0.1.2") @NullMarked
package heddle.api.isolation;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
