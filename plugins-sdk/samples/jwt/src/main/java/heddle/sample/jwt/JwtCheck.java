package heddle.sample.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.RequestEdit;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lets a request pass when its bearer token is signed by one of the keys, is valid now, and is meant for us; else answers 401 and says
 *  which of these it is not, or 503 when there are no keys to check with. Only asymmetric algorithms count: with others whoever can
 *  check a token could make one. */
final class JwtCheck implements Filter {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512,
            JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);

    /** @param skew how far clocks may be apart */
    record Rules(Optional<String> issuer, List<String> audiences, Duration skew) {}

    /** A claim that the backend gets as a header; what the client sent under that name never reaches it. */
    record ClaimHeader(String claim, String header) {}

    /** Why a token does not count; the client is told. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String message) {
            super(message, null, false, false);
        }
    }

    private final Keys keys;
    private final Rules rules;
    private final List<ClaimHeader> headers;
    private final Clock clock;
    private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

    JwtCheck(Keys keys, Rules rules, List<ClaimHeader> headers, Clock clock) {
        this.keys = keys;
        this.rules = rules;
        this.headers = List.copyOf(headers);
        this.clock = clock;
    }

    @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
        for (ClaimHeader each : headers) request.removeHeader(each.header());
        SignedJWT token;
        try {
            token = token(request);
        } catch (Refusal refused) {
            return unauthorized(refused.getMessage());
        }
        CompletionStage<Optional<String>> fault = keys.now().thenCompose(set -> {
            Optional<String> first = fault(set, token);
            // a key may be new, under a kid of its own, under the one before, or under none
            return first.isEmpty() ? CompletableFuture.completedFuture(first) : keys.again().thenApply(next -> next == set ? first : fault(next, token));
        });
        return new FilterAction.Later(fault.handle((why, away) -> away != null ? unavailable() : why.isPresent() ? unauthorized(why.get()) : signed(token, request)));
    }

    /** The token is one of ours; whether it counts now and here its claims say. */
    private FilterAction signed(SignedJWT token, RequestEdit request) {
        try {
            JWTClaimsSet claims = claims(token);
            check(claims);
            for (ClaimHeader each : headers) {
                String value = text(claims.getClaim(each.claim()));
                if (value != null) request.setHeader(each.header(), value);
            }
            return FilterAction.CONTINUE;
        } catch (Refusal refused) {
            return unauthorized(refused.getMessage());
        }
    }

    private static SignedJWT token(RequestEdit request) throws Refusal {
        String credentials = request.header("authorization");
        if (!credentials.regionMatches(true, 0, "Bearer ", 0, 7)) throw new Refusal("a bearer token is needed");
        try {
            SignedJWT token = SignedJWT.parse(credentials.substring(7).strip());
            if (!ALGORITHMS.contains(token.getHeader().getAlgorithm())) throw new Refusal("algorithm " + token.getHeader().getAlgorithm() + " does not count");
            return token;
        } catch (ParseException bad) {
            throw new Refusal("the token is no signed JWT");
        }
    }

    /** Why none of the keys made the token's signature; empty when one did. A token without kid may be of any key of its algorithm's type. */
    private Optional<String> fault(JWKSet set, SignedJWT token) {
        JWKMatcher matcher = JWKMatcher.forJWSHeader(token.getHeader());
        List<JWK> fitting = matcher == null ? List.of() : new JWKSelector(matcher).select(set);
        String kid = token.getHeader().getKeyID();
        if (fitting.isEmpty()) return Optional.of(kid == null ? "no key for algorithm " + token.getHeader().getAlgorithm() : "no key for kid " + kid);
        String why = "the signature is wrong";
        for (JWK key : fitting) {
            try {
                if (verified(token, key)) return Optional.empty();
            } catch (Refusal unfit) {
                why = unfit.getMessage();
            }
        }
        return Optional.of(why);
    }

    private boolean verified(SignedJWT token, JWK key) throws Refusal {
        try {
            if (!(key instanceof AsymmetricJWK pair)) throw new Refusal("key " + key.getKeyID() + " is no public key");
            return token.verify(verifiers.createJWSVerifier(token.getHeader(), pair.toPublicKey()));
        } catch (JOSEException bad) {
            throw new Refusal("key " + key.getKeyID() + " does not fit algorithm " + token.getHeader().getAlgorithm());
        }
    }

    private static JWTClaimsSet claims(SignedJWT token) throws Refusal {
        try {
            return token.getJWTClaimsSet();
        } catch (ParseException bad) {
            throw new Refusal("the claims are no JSON object");
        }
    }

    private void check(JWTClaimsSet claims) throws Refusal {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        if (expires == null) throw new Refusal("the token has no exp");
        if (now.isAfter(expires.toInstant().plus(rules.skew()))) throw new Refusal("the token expired at " + expires.toInstant());
        Date from = claims.getNotBeforeTime();
        if (from != null && now.isBefore(from.toInstant().minus(rules.skew()))) throw new Refusal("the token is not valid before " + from.toInstant());
        if (rules.issuer().isPresent() && !rules.issuer().get().equals(claims.getIssuer())) throw new Refusal("the token is from another issuer");
        if (!rules.audiences().isEmpty() && claims.getAudience().stream().noneMatch(rules.audiences()::contains)) throw new Refusal("the token is for another audience");
    }

    /** Lists become comma-separated; what could break out of a header does not pass. */
    private static @Nullable String text(@Nullable Object claim) {
        if (claim == null) return null;
        String text = claim instanceof List<?> list ? String.join(",", list.stream().map(String::valueOf).toList()) : String.valueOf(claim);
        return text.chars().allMatch(c -> c >= 0x20 && c < 0x7f) ? text : null;
    }

    private static FilterAction unauthorized(String why) {
        String clean = why.replaceAll("[^ !#-\\[\\]-~]", "?");
        return new FilterAction.Reply(401, List.of(new FilterAction.Field("www-authenticate", "Bearer error=\"invalid_token\", error_description=\"" + clean + "\""),
                new FilterAction.Field("content-type", "text/plain")), (clean + "\n").getBytes(StandardCharsets.US_ASCII), "jwt");
    }

    private static FilterAction unavailable() {
        return new FilterAction.Reply(503, List.of(new FilterAction.Field("content-type", "text/plain")), "there are no keys to check tokens with\n".getBytes(StandardCharsets.US_ASCII), "jwks-unavailable");
    }

    @Override public void close() {
        keys.close();
    }
}
