/** Drives plugins without Felix, Netty or root, and holds the contract tests that every implementation must pass. */
@NullMarked
package heddle.testkit;

import org.jspecify.annotations.NullMarked;
