/** A match kind: rules for the requests of some tenants, or from some regions. */
@NullMarked
package heddle.sample.tenant;

import org.jspecify.annotations.NullMarked;
