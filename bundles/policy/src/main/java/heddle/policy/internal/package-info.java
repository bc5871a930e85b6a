@NullMarked
package heddle.policy.internal;

import org.jspecify.annotations.NullMarked;
