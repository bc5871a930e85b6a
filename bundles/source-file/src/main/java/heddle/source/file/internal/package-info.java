@NullMarked
package heddle.source.file.internal;

import org.jspecify.annotations.NullMarked;
