@NullMarked
package heddle.shell.internal;

import org.jspecify.annotations.NullMarked;
