#set($group = $groupId.toLowerCase().replaceAll("[^a-z0-9.-]", "-"))
package ${package};

import heddle.api.model.CustomObject;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.RequestEdit;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Sets a request header; an HTTPRoute names it by ExtensionRef to a HeaderStamp. Take it as the place for your own. */
@Component
public final class HeaderStamp implements FilterFactory {
    static final String TYPE = "${group}/HeaderStamp";

    @Override public String type() {
        return TYPE;
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        CustomObject resource = spec.resource().orElseThrow(() -> new InvalidFilterException(spec.where() + ": an ExtensionRef to a HeaderStamp is needed"));
        for (String field : resource.spec().keySet()) {
            if (!Set.of("header", "value").contains(field)) throw new InvalidFilterException("spec." + field + ": is unknown (expected: header, value) in " + resource.key());
        }
        return new Stamp(text(resource, "header"), text(resource, "value"));
    }

    private static String text(CustomObject resource, String field) throws InvalidFilterException {
        if (resource.spec().get(field) instanceof String text && text.matches("[!-~]+")) return text;
        throw new InvalidFilterException("spec." + field + ": " + resource.spec().get(field) + " (expected: printable characters without spaces) in " + resource.key());
    }

    /** Runs on a thread of this bundle's own; {@code @OnLoop} would run it on the event loop, where it must never block. */
    private record Stamp(String header, String value) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            request.setHeader(header, value);
            return FilterAction.CONTINUE;
        }
    }
}
