/** A route source that polls manifests from a URL. */
@NullMarked
package heddle.sample.http;

import org.jspecify.annotations.NullMarked;
