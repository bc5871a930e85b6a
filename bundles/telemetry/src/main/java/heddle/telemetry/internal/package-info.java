@NullMarked
package heddle.telemetry.internal;

import org.jspecify.annotations.NullMarked;
