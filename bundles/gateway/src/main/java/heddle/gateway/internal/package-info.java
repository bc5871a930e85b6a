/** The decoder's inside: text to tree, tree to records, one class a group of kinds. */
@NullMarked
package heddle.gateway.internal;

import org.jspecify.annotations.NullMarked;
