package heddle.sample.jwt;

import heddle.api.model.CustomObject;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.time.Clock;
import org.osgi.service.component.annotations.Component;

/** Makes {@link JwtCheck} filters out of JwtCheck resources. */
@Component
public final class JwtCheckFactory implements FilterFactory {
    @Override public String type() {
        return JwtCheckSpec.TYPE;
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        CustomObject resource = spec.resource().orElseThrow(() -> new InvalidFilterException(spec.where() + ": an ExtensionRef to a JwtCheck is needed"));
        try {
            JwtCheckSpec read = JwtCheckSpec.of(resource);
            Keys keys = read.file().isPresent() ? FileKeys.of(read.file().get()) : new UrlKeys(read.url().orElseThrow(), read.refresh());
            return new JwtCheck(keys, read.rules(), read.headers(), Clock.systemUTC());
        } catch (BadFieldException bad) {
            throw new InvalidFilterException(bad.field() + ": " + bad.getMessage() + " in " + resource.key());
        }
    }
}
