@NullMarked
package heddle.steer.bind.internal;

import org.jspecify.annotations.NullMarked;
