/** End-to-end tests: the assembled daemon as a process, real backends, real curl. */
@NullMarked
package heddle.itest.mesh;

import org.jspecify.annotations.NullMarked;
