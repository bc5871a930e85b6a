/** A filter that lets only requests with a good JSON Web Token pass. */
@NullMarked
package heddle.sample.jwt;

import org.jspecify.annotations.NullMarked;
