@NullMarked
package heddle.match.internal;

import org.jspecify.annotations.NullMarked;
