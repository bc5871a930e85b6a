package heddle.sample.jwt;

import com.nimbusds.jose.jwk.JWKSet;
import java.util.concurrent.CompletionStage;

/** Where the keys come from. Many threads at once. */
interface Keys extends AutoCloseable {
    /** The keys now; fails with the reason when there never were any. */
    CompletionStage<JWKSet> now();

    /** The keys after another look, because none of {@link #now} made a token's signature; the same ones when a look was just taken. */
    CompletionStage<JWKSet> again();

    @Override void close();
}
