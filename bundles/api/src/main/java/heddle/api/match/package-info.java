/** Route matching: a pure function over matches and precedence keys. It never sees filters or backends. */
@Export @Version("0.1.0") @NullMarked
package heddle.api.match;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
