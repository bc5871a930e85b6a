/** The Gateway API's filters and Heddle's own, each a factory and the filter it makes. All run on the event loop. */
@NullMarked
package heddle.policy.internal.filter;

import org.jspecify.annotations.NullMarked;
