/** What the shell and the CLI ask of core. Records print as they are, as text or JSON. */
@Export @Version("0.1.4") @NullMarked
package heddle.api.admin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
