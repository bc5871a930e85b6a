package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.RequestLog;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** One Service port: which route set a client gets (SPEC.md P1 to P4, per-workload routes). The same instance over many snapshots. */
final class PortFrontend implements FrontendPlan {
    /** @param own               the Service's own endpoints
     *  @param producer          absent without producer routes
     *  @param consumers         by client namespace
     *  @param selectedConsumers by client namespace */
    record Sets(Service service, ServicePort port, HeldSplit own, Optional<CompiledSet> producer, Map<String, CompiledSet> consumers,
                Optional<SelectedSet> selectedProducer, Map<String, SelectedSet> selectedConsumers) {
        boolean plain() {
            return consumers.isEmpty() && selectedProducer.isEmpty() && selectedConsumers.isEmpty();
        }

        boolean routed() {
            return producer.isPresent() || !plain();
        }

        /** Whether plans made for the other serve here too. The Service counts by what a plan shows of it. */
        boolean same(Sets other) {
            return own == other.own && port.equals(other.port) && sameService(service, other.service)
                    && samePlan(producer, other.producer) && consumers.keySet().equals(other.consumers.keySet())
                    && consumers.entrySet().stream().allMatch(each -> each.getValue().plan() == other.consumers.get(each.getKey()).plan())
                    && selectedProducer.equals(other.selectedProducer) && selectedConsumers.equals(other.selectedConsumers);
        }

        private static boolean sameService(Service one, Service other) {
            return one == other || one.clusterIps().equals(other.clusterIps()) && one.sessionAffinity().equals(other.sessionAffinity())
                    && one.metadata().annotations().equals(other.metadata().annotations());
        }

        private static boolean samePlan(Optional<CompiledSet> one, Optional<CompiledSet> other) {
            return one.map(CompiledSet::plan).orElse(null) == other.map(CompiledSet::plan).orElse(null);
        }
    }

    private final FrontendKey key;
    private final Sets sets;
    private final String service;
    private final ClientPlan rest;
    private final boolean plain;
    private final RequestLog log;
    private final Map<Client, ClientPlan> chosen = new ConcurrentHashMap<>();

    PortFrontend(FrontendKey key, Sets sets, RequestLog log) {
        this.key = key;
        this.log = log;
        this.sets = sets;
        this.service = key.service().toString();
        this.rest = sets.producer().map(CompiledSet::plan).orElseGet(() -> new ClientPlan.Relay("", sets.own().split()));
        this.plain = sets.plain();
    }

    FrontendKey key() {
        return key;
    }

    Sets sets() {
        return sets;
    }

    @Override public String service() {
        return service;
    }

    @Override public int port() {
        return key.port();
    }

    @Override public RequestLog log() {
        return log;
    }

    @Override public ClientPlan forClient(Client client) {
        if (plain) return rest;
        if (!(client instanceof Client.Known known)) return rest;
        if (sets.selectedProducer().isEmpty() && sets.selectedConsumers().isEmpty()) {
            CompiledSet consumer = sets.consumers().get(known.namespace());
            return consumer == null ? rest : consumer.plan();
        }
        ClientPlan plan = chosen.get(known);
        return plan != null ? plan : chosen.computeIfAbsent(known, each -> choose(known));
    }

    private ClientPlan choose(Client.Known client) {
        return set(client).map(CompiledSet::plan).orElse(rest);
    }

    /** The set that a client gets; empty = no route concerns it. Sets replace each other, they never merge (SPEC.md P3). */
    Optional<CompiledSet> set(Client client) {
        if (!(client instanceof Client.Known known)) return sets.producer();
        SelectedSet selected = sets.selectedConsumers().get(known.namespace());
        return Optional.ofNullable(selected).flatMap(each -> each.set(known))
                .or(() -> Optional.ofNullable(sets.consumers().get(known.namespace())))
                .or(() -> sets.selectedProducer().flatMap(each -> each.set(known)))
                .or(sets::producer);
    }

    /** Chooses for these clients now, off the event loops, and forgets all others. */
    void prepare(List<Client.Known> clients) {
        if (sets.selectedProducer().isEmpty() && sets.selectedConsumers().isEmpty()) return;
        chosen.keySet().retainAll(new java.util.HashSet<Client>(clients));
        clients.forEach(this::forClient);
    }

    void mark(long build) {
        sets.own().mark(build);
        sets.producer().ifPresent(set -> set.mark(build));
        sets.consumers().values().forEach(set -> set.mark(build));
        sets.selectedProducer().ifPresent(set -> set.mark(build));
        sets.selectedConsumers().values().forEach(set -> set.mark(build));
    }

    @Override public String toString() {
        return key.toString();
    }
}
