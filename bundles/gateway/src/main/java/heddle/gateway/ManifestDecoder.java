package heddle.gateway;

import heddle.api.source.SourceProblem;
import heddle.gateway.internal.Decoding;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Kubernetes manifests (YAML, JSON or an API client's maps) to the mesh's records, validated as the Gateway API's CRDs and the API server
 *  do. Threads may share it. Never throws for what it is given: what is wrong is in {@link Decoded#problems()}.
 *  Rule: an invalid object is refused as a whole, an unknown enum value where the model has a case for it is kept (SPEC.md M13). */
public final class ManifestDecoder {
    /** Bytes or characters of one text; more than a hundred thousand routes. */
    public static final int MAX_TEXT = 256 << 20;

    private final Map<String, ExtensionDecoder> extensions;

    public ManifestDecoder() {
        this(List.of());
    }

    /** @param extensions checks of vendors' kinds; of two for one kind the first counts */
    public ManifestDecoder(Collection<? extends ExtensionDecoder> extensions) {
        this.extensions = extensions.stream().collect(java.util.stream.Collectors.toUnmodifiableMap(ExtensionDecoder::type, each -> each, (first, second) -> first));
    }

    /** @param origin what messages call the text: {@code shop.yaml} */
    public Decoded decode(String origin, String text) {
        Decoding decoding = new Decoding(origin, extensions);
        if (text.length() > MAX_TEXT) {
            decoding.broken(new SourceProblem(origin, "", "", "has more than " + MAX_TEXT + " characters"));
        } else {
            Document.split(text).forEach(decoding::document);
        }
        return decoding.result();
    }

    /** One document of a text that {@link Document#split} gave. */
    public Decoded decode(String origin, Document document) {
        Decoding decoding = new Decoding(origin, extensions);
        decoding.document(document);
        return decoding.result();
    }

    /** One object, or a {@code List}, as a JSON reader gives it: Map, Iterable, String, Number, Boolean. */
    public Decoded decode(String origin, Map<String, ?> object) {
        Decoding decoding = new Decoding(origin, extensions);
        decoding.object(object);
        return decoding.result();
    }
}
