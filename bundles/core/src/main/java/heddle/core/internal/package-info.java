@NullMarked
package heddle.core.internal;

import org.jspecify.annotations.NullMarked;
