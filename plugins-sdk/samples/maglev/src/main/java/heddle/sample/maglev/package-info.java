/** Consistent hashing with a look-up table (Maglev: Eisenbud et al., NSDI 2016, section 3.4). */
@NullMarked
package heddle.sample.maglev;

import org.jspecify.annotations.NullMarked;
