/** Where routes come from. A vendor's source implements RouteSource and decodes through {@code heddle.gateway}. */
@Export @Version("0.1.1") @NullMarked
package heddle.api.source;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
