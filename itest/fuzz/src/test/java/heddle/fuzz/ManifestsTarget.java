package heddle.fuzz;

import heddle.api.model.Route;
import heddle.gateway.Decoded;
import heddle.gateway.ManifestDecoder;
import java.nio.charset.StandardCharsets;

/** Manifests, YAML or JSON: whatever the text, the decoder says what is wrong with it and never throws. */
public final class ManifestsTarget {
    private static final ManifestDecoder DECODER = new ManifestDecoder();

    private ManifestsTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Decoded decoded = DECODER.decode("fuzz", new String(input, StandardCharsets.UTF_8));
        decoded.objects().forEach(object -> {
            if (object.key().name().isEmpty()) throw new IllegalStateException("an object without a name: " + object);
            if (object instanceof Route route) route.warnings().size();
        });
        decoded.problems().forEach(Object::toString);
        decoded.notes().forEach(Object::toString);
    }
}
