package heddle.sample.jwt;

import heddle.api.model.CustomObject;
import heddle.gateway.ExtensionDecoder;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Names what is wrong in a JwtCheck already when it is read, with file, line and field; its last good state then stays in force. */
@Component
public final class JwtCheckDecoder implements ExtensionDecoder {
    @Override public String type() {
        return JwtCheckSpec.TYPE;
    }

    @Override public List<Fault> check(CustomObject object) {
        try {
            JwtCheckSpec.of(object);
            return List.of();
        } catch (BadFieldException bad) {
            return List.of(new Fault(bad.field(), bad.getMessage()));
        }
    }
}
