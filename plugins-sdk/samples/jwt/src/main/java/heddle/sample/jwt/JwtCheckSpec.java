package heddle.sample.jwt;

import heddle.api.model.CustomObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A JwtCheck resource, read:
 *  <pre>
 *  apiVersion: samples.heddle.io/v1
 *  kind: JwtCheck
 *  metadata: {name: users, namespace: shop}
 *  spec:
 *    issuer: https://login.example        # optional: what iss must be
 *    audiences: [shop]                    # optional: one of them must be in aud
 *    jwks: {url: https://login.example/jwks.json, refresh: 5m}     # or {file: /etc/keys/jwks.json}
 *    clockSkew: 60s
 *    claimToHeaders: [{claim: sub, header: x-user}]
 *  </pre> */
record JwtCheckSpec(JwtCheck.Rules rules, List<JwtCheck.ClaimHeader> headers, Optional<Path> file, Optional<URI> url, Duration refresh) {
    static final String TYPE = "samples.heddle.io/JwtCheck";

    static JwtCheckSpec of(CustomObject resource) throws BadFieldException {
        Fields fields = Fields.of(resource).only("issuer", "audiences", "jwks", "clockSkew", "claimToHeaders");
        JwtCheck.Rules rules = new JwtCheck.Rules(fields.text("issuer"), fields.texts("audiences"), fields.duration("clockSkew", Duration.ofSeconds(60)));
        List<JwtCheck.ClaimHeader> headers = new ArrayList<>();
        for (Fields each : fields.objects("claimToHeaders")) headers.add(claimHeader(each));
        Fields jwks = fields.object("jwks").only("file", "url", "refresh");
        Optional<String> file = jwks.text("file");
        Optional<URI> url = url(jwks);
        if (file.isPresent() == url.isPresent()) throw jwks.bad("file", "exactly one of file and url is needed");
        return new JwtCheckSpec(rules, headers, file.map(Path::of), url, jwks.duration("refresh", Duration.ofMinutes(5)));
    }

    private static JwtCheck.ClaimHeader claimHeader(Fields fields) throws BadFieldException {
        fields.only("claim", "header");
        String header = fields.text("header").orElseThrow(() -> fields.bad("header", "is absent"));
        if (!header.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) throw fields.bad("header", header + " (expected: a header name)");
        return new JwtCheck.ClaimHeader(fields.text("claim").orElseThrow(() -> fields.bad("claim", "is absent")), header);
    }

    private static Optional<URI> url(Fields jwks) throws BadFieldException {
        Optional<String> text = jwks.text("url");
        if (text.isEmpty()) return Optional.empty();
        try {
            URI uri = URI.create(text.get());
            if (List.of("http", "https").contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) return Optional.of(uri);
        } catch (IllegalArgumentException bad) {
            // said below
        }
        throw jwks.bad("url", text.get() + " (expected: http:// or https://)");
    }
}
