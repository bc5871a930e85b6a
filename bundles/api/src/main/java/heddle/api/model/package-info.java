/** The mesh's objects as a source delivers them: immutable records, checked at birth, equal when their content is equal.
 *  Names are the Gateway API's own. A plugin reads them; only sources make them. */
@Export @Version("0.2.2") @NullMarked
package heddle.api.model;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
