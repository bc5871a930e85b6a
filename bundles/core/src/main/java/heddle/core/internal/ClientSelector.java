package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.model.LabelSelector;
import heddle.api.model.Route;
import java.util.Optional;

/** The clients that a route is narrowed to (SPEC.md, per-workload routes). */
record ClientSelector(Optional<LabelSelector> labels, Optional<String> serviceAccount) {
    static final String LABELS = "heddle.io/client-selector";
    static final String SERVICE_ACCOUNT = "heddle.io/client-service-account";

    /** Empty when the route concerns every client of its set.
     *  @throws IllegalArgumentException naming the annotation that cannot be read */
    static Optional<ClientSelector> of(Route route) {
        Optional<String> labels = route.metadata().annotation(LABELS);
        Optional<String> account = route.metadata().annotation(SERVICE_ACCOUNT).map(String::strip);
        if (labels.isEmpty() && account.isEmpty()) return Optional.empty();
        if (account.isPresent() && account.get().isEmpty()) throw new IllegalArgumentException("annotation " + SERVICE_ACCOUNT + " is empty");
        try {
            return Optional.of(new ClientSelector(labels.map(LabelSelector::parse), account));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("annotation " + LABELS + ": " + e.getMessage(), e);
        }
    }

    /** Both conditions must hold where both are given. */
    boolean matches(Client.Known client) {
        return serviceAccount.map(client.serviceAccount()::equals).orElse(true) && labels.map(each -> each.test(client.labels())).orElse(true);
    }

    /** The same text selects the same clients. */
    String text() {
        return labels.map(LabelSelector::text).orElse("") + (serviceAccount.isPresent() ? " serviceAccount=" + serviceAccount.get() : "");
    }
}
