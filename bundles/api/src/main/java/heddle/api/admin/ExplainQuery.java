package heddle.api.admin;

import heddle.api.policy.FilterAction;
import java.util.List;
import java.util.Optional;

/** A request to explain. @param from {@code namespace/workload}; absent = an unknown client
 *  @param url {@code http://oven.foodprep:80/bake?x=1}; the host may be a Service name or address */
public record ExplainQuery(Optional<String> from, String method, String url, List<FilterAction.Field> headers) {
    public ExplainQuery {
        headers = List.copyOf(headers);
    }
}
