@NullMarked
package heddle.steer.internal;

import org.jspecify.annotations.NullMarked;
