package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.model.Service;
import heddle.api.plan.ClientPlan;
import heddle.api.steer.SteeringPlan;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the kernel is told of a snapshot (STEERING.md): who is steered, who is balanced, who is left alone. Keeps the numbers of client
 *  classes over plans, so that an edit elsewhere moves no workload. On the assembler thread. */
final class SteeringPlans {
    static final String WHEN_DOWN = "heddle.io/when-down";

    private Map<Integer, Integer> classes = Map.of();

    /** One frontend as one client sees it. */
    private record Choice(SteeringPlan.Mode mode, List<SteeringPlan.Slot> slots) {}

    /** @param balance whether Services without routes are balanced in the kernel
     *  @param daemon  false when no forwarder accepts: every frontend goes its {@code when-down} way */
    SteeringPlan plan(Snapshot snapshot, boolean balance, boolean daemon) {
        List<Target> targets = new ArrayList<>();
        for (PortFrontend frontend : snapshot.byPort().values()) {
            for (Class<? extends InetAddress> family : List.of(Inet4Address.class, Inet6Address.class)) {
                List<InetAddress> addresses = frontend.sets().service().clusterIps().stream().filter(family::isInstance).toList();
                if (!addresses.isEmpty()) targets.add(new Target(frontend, family, addresses, balance, daemon));
            }
        }
        Map<Identities.Entry, Integer> numbers = classes(snapshot.identities().entries(), targets);
        Map<Integer, Client> examples = new LinkedHashMap<>();
        numbers.forEach((entry, number) -> examples.putIfAbsent(number, entry.client()));
        List<SteeringPlan.Frontend> frontends = new ArrayList<>(targets.size());
        for (Target target : targets) frontends.add(target.frontend(examples));
        List<SteeringPlan.Member> members = new ArrayList<>(numbers.size());
        numbers.forEach((entry, number) -> members.add(new SteeringPlan.Member(entry.id(), entry.workload().namespace(), entry.workload().name(),
                entry.workload().cgroup(), entry.workload().networkNamespace(), entry.workload().addresses(), number)));
        return new SteeringPlan(snapshot.generation(), frontends, members);
    }

    /** A frontend's addresses of one family. */
    private record Target(PortFrontend frontend, Class<? extends InetAddress> family, List<InetAddress> addresses, boolean balance, boolean daemon) {
        boolean tellsClientsApart() {
            return !frontend.sets().plain();
        }

        Choice choice(Client client) {
            ClientPlan plan = frontend.forClient(client);
            if (plan instanceof ClientPlan.Relay(String route, heddle.api.plan.Split relayed) && relayed instanceof WeightedSplit split) {
                return route.isEmpty() && !balance ? new Choice(SteeringPlan.Mode.PASS, List.of()) : balanced(KernelShares.slots(split, family));
            }
            List<SteeringPlan.Slot> fallback = balance ? KernelShares.slots(frontend.sets().own().split(), family) : List.of();
            if (daemon) return new Choice(SteeringPlan.Mode.STEER, fallback);
            if (failClosed()) return new Choice(SteeringPlan.Mode.REFUSE, List.of());
            return balance ? balanced(fallback) : new Choice(SteeringPlan.Mode.PASS, List.of());
        }

        /** Where no endpoint is left at all there is nothing to choose from. */
        private static Choice balanced(List<SteeringPlan.Slot> slots) {
            boolean any = slots.stream().anyMatch(slot -> slot.endpoint().isPresent());
            return any ? new Choice(SteeringPlan.Mode.BALANCE, slots) : new Choice(SteeringPlan.Mode.REFUSE, List.of());
        }

        private boolean failClosed() {
            return frontend.sets().service().metadata().annotation(WHEN_DOWN).filter("closed"::equals).isPresent();
        }

        SteeringPlan.Frontend frontend(Map<Integer, Client> examples) {
            Service service = frontend.sets().service();
            Choice everybody = choice(Client.UNKNOWN);
            List<SteeringPlan.Handling> handlings = new ArrayList<>();
            handlings.add(new SteeringPlan.Handling(0, everybody.mode(), everybody.slots()));
            if (tellsClientsApart()) {
                examples.forEach((number, client) -> {
                    if (number == 0) return;
                    Choice own = choice(client);
                    if (!own.equals(everybody)) handlings.add(new SteeringPlan.Handling(number, own.mode(), own.slots()));
                });
            }
            return new SteeringPlan.Frontend(frontend.toString(), addresses, frontend.port(),
                    frontend.key().protocol().equals("UDP") ? SteeringPlan.Transport.UDP : SteeringPlan.Transport.TCP,
                    failClosed(), service.sessionAffinity().equals("ClientIP"), handlings);
        }
    }

    /** One number for each set of workloads that the kernel must tell apart; 0 = like everybody. A set keeps the number that its first
     *  member had, where it can. */
    private Map<Identities.Entry, Integer> classes(List<Identities.Entry> entries, List<Target> targets) {
        List<Target> apart = targets.stream().filter(Target::tellsClientsApart).toList();
        List<Choice> everybody = apart.stream().map(target -> target.choice(Client.UNKNOWN)).toList();
        Map<List<Choice>, List<Identities.Entry>> groups = new LinkedHashMap<>();
        Map<Identities.Entry, Integer> numbers = new LinkedHashMap<>();
        for (Identities.Entry entry : entries) {
            List<Choice> choices = apart.stream().map(target -> target.choice(entry.client())).toList();
            numbers.put(entry, 0);
            if (!choices.equals(everybody)) groups.computeIfAbsent(choices, each -> new ArrayList<>()).add(entry);
        }
        Set<Integer> taken = new HashSet<>();
        Map<List<Choice>, Integer> given = new HashMap<>();
        groups.forEach((choices, members) -> {
            int before = classes.getOrDefault(members.getFirst().id(), 0);
            if (before != 0 && taken.add(before)) given.put(choices, before);
        });
        Set<Integer> avoid = new HashSet<>(classes.values());
        Map<Integer, Integer> next = new HashMap<>();
        groups.forEach((choices, members) -> {
            int number = given.getOrDefault(choices, 0);
            for (int free = 1; number == 0; free++) if (!avoid.contains(free) && taken.add(free)) number = free;
            for (Identities.Entry member : members) {
                numbers.put(member, number);
                next.put(member.id(), number);
            }
        });
        classes = next;
        return numbers;
    }
}
