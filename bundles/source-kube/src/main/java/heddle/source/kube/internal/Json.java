package heddle.source.kube.internal;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON text and JSON's own types: Map, List, String, Long, Double, Boolean. Any thread. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();

    private Json() {}

    /** @throws KubeException when the bytes are no JSON object */
    @SuppressWarnings("unchecked")
    static Map<String, Object> object(byte[] bytes, int offset, int length) throws KubeException {
        try {
            if (MAPPER.readValue(bytes, offset, length, Object.class) instanceof Map<?, ?> map) {
                return (Map<String, Object>) map;
            }
            throw new KubeException("the API server sent JSON that is no object", 0);
        } catch (JacksonException e) {
            throw new KubeException("the API server sent what is no JSON: " + e.getOriginalMessage(), 0);
        }
    }

    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
