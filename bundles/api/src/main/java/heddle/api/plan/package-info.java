/** What a forwarder is given: frontends, tables and rules of one snapshot. Made by core, never by plugins. */
@Export @Version("0.2.2") @NullMarked
package heddle.api.plan;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
