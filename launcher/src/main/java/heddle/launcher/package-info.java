/** The process around the bundles: settings, logging, signals, the embedded framework. JDK, Felix and a YAML reader only. */
@NullMarked
package heddle.launcher;

import org.jspecify.annotations.NullMarked;
