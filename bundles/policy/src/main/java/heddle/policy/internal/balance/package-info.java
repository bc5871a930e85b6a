/** The default load balancers. */
@NullMarked
package heddle.policy.internal.balance;

import org.jspecify.annotations.NullMarked;
