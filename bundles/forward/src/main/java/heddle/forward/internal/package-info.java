@NullMarked
package heddle.forward.internal;

import org.jspecify.annotations.NullMarked;
