package heddle.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The services of one kind, best first. Written by the service registry's threads, read by the assembler. */
final class Whiteboard<T> {
    private volatile List<Ranked<T>> services = List.of();

    synchronized void add(T service, Map<String, ?> properties) {
        List<Ranked<T>> next = new ArrayList<>(services);
        next.add(Ranked.of(service, properties));
        next.sort(null);
        services = List.copyOf(next);
    }

    synchronized void remove(T service) {
        services = services.stream().filter(each -> each.service() != service).toList();
    }

    List<Ranked<T>> all() {
        return services;
    }

    Optional<T> best() {
        List<Ranked<T>> now = services;
        return now.isEmpty() ? Optional.empty() : Optional.of(now.getFirst().service());
    }

    /** The best one that has a property of its own, such as a filter type. */
    Optional<T> best(Predicate<T> wanted) {
        for (Ranked<T> each : services) if (wanted.test(each.service())) return Optional.of(each.service());
        return Optional.empty();
    }
}
