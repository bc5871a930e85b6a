package heddle.policy.internal.filter;

import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** heddle.io/LocalRateLimit: so many requests a period for each key, on this daemon. A filter serves one rule, so the route is always part
 *  of the key; {@code by} adds the client, its namespace, its service account, or a header's value. */
@Component
public final class LocalRateLimitFactory implements FilterFactory {
    @Override public String type() {
        return "heddle.io/LocalRateLimit";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        Resource resource = Resource.of(spec).only("requests", "period", "burst", "by", "maxKeys");
        long requests = resource.number("requests", 1, 1_000_000_000, 0);
        if (requests == 0) throw resource.bad("requests", "is absent (expected: how many requests a period)");
        Duration period = resource.duration("period", Duration.ofSeconds(1));
        if (period.isZero()) throw resource.bad("period", "0 (expected: longer)");
        long interval = period.toNanos() / requests;
        if (interval == 0) throw resource.bad("requests", requests + " (expected: at most one a nanosecond)");
        long burst = resource.number("burst", 1, 1_000_000_000, requests);
        if (burst > Long.MAX_VALUE / 4 / interval) throw resource.bad("burst", burst + " (expected: less than centuries of requests)");
        List<LocalRateLimit.KeyPart> by = new ArrayList<>();
        for (Resource part : resource.objects("by")) {
            LocalRateLimit.Kind kind = part.only("type", "name").choice("type", LocalRateLimit.Kind.class, Optional.empty());
            String name = part.text("name", "").toLowerCase(Locale.ROOT);
            if (kind == LocalRateLimit.Kind.Header && !HeaderEdits.isToken(name)) throw part.bad("name", name + " (expected: a header name)");
            by.add(new LocalRateLimit.KeyPart(kind, name));
        }
        int maxKeys = (int) resource.number("maxKeys", 1, 10_000_000, 10_000);
        return new LocalRateLimit(interval, burst, List.copyOf(by), maxKeys, System::nanoTime);
    }
}
