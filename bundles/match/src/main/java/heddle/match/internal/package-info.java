/** Compiles route sets: {@link heddle.match.internal.Precedence} ranks, {@link heddle.match.internal.IndexBuilder} makes the index that a
 *  request is looked up in, {@link heddle.match.internal.PlainEvaluator} is the same decision without an index. */
@NullMarked
package heddle.match.internal;

import org.jspecify.annotations.NullMarked;
