package heddle.core.internal;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.Candidate;
import heddle.api.match.Explanation;
import heddle.api.match.GivenRequest;
import heddle.api.model.RouteFilter;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.Split;
import heddle.api.policy.FilterAction;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Walks one request through a build and says at each step what was decided and by which rule of SPEC.md. One use. */
final class Explainer {
    private final Build build;
    private final List<Explained.Step> steps = new ArrayList<>();
    private final List<Explained.CandidateReport> candidates = new ArrayList<>();
    private final List<Explained.BackendShare> backends = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String service = "";
    private String set = "";
    private String path = "";
    private int port;
    private Client client = Client.UNKNOWN;

    Explainer(Build build) {
        this.build = build;
    }

    Explained explain(ExplainQuery query) {
        Target target;
        try {
            target = Target.parse(query.url());
        } catch (IllegalArgumentException e) {
            return end(e.getMessage(), 0);
        }
        client = client(query);
        port = target.port();
        String protocol = query.url().toLowerCase(Locale.ROOT).startsWith("udp://") ? "UDP" : "TCP";
        Optional<Service> found = target.service(build.world(), client);
        if (found.isEmpty()) {
            step("no Service", target.host() + " names no Service of this mesh", "A9");
            return end("as if there were no mesh: " + target.host() + " is no Service", 0);
        }
        Service to = found.get();
        service = ServiceName.of(to).toString();
        Optional<ServicePort> servicePort = to.ports().stream().filter(each -> each.port() == port && each.protocol().equals(protocol)).findFirst();
        PortFrontend frontend = build.snapshot().byPort().get(new FrontendKey(ServiceName.of(to), port, protocol));
        if (to.clusterIps().isEmpty()) {
            step("Service " + service, "it has no address, so its name leads straight to its endpoints", "A7");
            return end("as if there were no mesh: Service " + service + " has no address", 0);
        }
        if (servicePort.isEmpty() || frontend == null) {
            step("Service " + service, "it has no " + protocol + " port " + port + " (ports: " + Attachments.list(to.ports()) + ")", "A4");
            return end("connection refused: Service " + service + " has no port " + port, 0);
        }
        step("Service " + service + " port " + port, to.clusterIps().stream().map(each -> each.getHostAddress()).collect(Collectors.joining(", "))
                + (target.byAddress() ? "" : " is what " + target.host() + " resolves to"), "A1");
        return decided(frontend, target.host(), () -> head(query, target));
    }

    /** A request that once came to a Service port. */
    Explained replay(FrontendKey key, Client from, RecentRequest request) {
        client = from;
        port = key.port();
        service = key.service().toString();
        PortFrontend frontend = build.snapshot().byPort().get(key);
        if (frontend == null) {
            step("Service " + service, "it is not there, or has no port " + port, "A4");
            return end("connection refused: there is no Service " + service + " with port " + port, 0);
        }
        return decided(frontend, "", () -> request.head(from));
    }

    /** A request as it is matched. */
    private interface Head {
        GivenRequest get() throws BadPathException;
    }

    private GivenRequest head(ExplainQuery query, Target target) throws BadPathException {
        boolean grpc = query.url().toLowerCase(Locale.ROOT).startsWith("grpc");
        GivenRequest given = GivenRequest.of(grpc ? "POST" : query.method().toUpperCase(Locale.ROOT), target.target());
        boolean host = query.headers().stream().anyMatch(field -> field.name().equalsIgnoreCase("host"));
        GivenRequest head = (host ? given : given.with("host", target.authority())).from(client);
        if (grpc) head = head.with("content-type", "application/grpc");
        for (FilterAction.Field field : query.headers()) head = head.with(field.name(), field.value());
        return head;
    }

    private Explained decided(PortFrontend frontend, String serverName, Head head) {
        step("client " + client.id(), describe(client), "P2");
        Optional<CompiledSet> chosen = frontend.set(client);
        unapplied(frontend.sets().service(), frontend.sets().port());
        if (chosen.isEmpty()) return relayed(frontend);
        return routed(serverName, head, frontend, chosen.get());
    }

    private Client client(ExplainQuery query) {
        if (query.from().isEmpty()) return Client.UNKNOWN;
        String[] parts = query.from().get().split("/", 2);
        if (parts.length == 2) {
            Client known = build.snapshot().identities().client(parts[0], parts[1]);
            if (known instanceof Client.Known) return known;
            notes.add("there is no Workload " + query.from().get() + "; taken as a client of namespace " + parts[0] + " without labels");
        }
        return new Client.Known(parts[0], parts.length == 2 ? parts[1] : "", "", Map.of());
    }

    private static String describe(Client client) {
        return switch (client) {
            case Client.Known known -> "namespace " + known.namespace() + (known.serviceAccount().isEmpty() ? "" : ", service account " + known.serviceAccount())
                    + (known.labels().isEmpty() ? "" : ", labels " + new java.util.TreeMap<>(known.labels()));
            case Client.Unknown unknown -> "not a known workload: the producer set applies";
        };
    }

    /** Routes attached to the Service that do not apply to this port. */
    private void unapplied(Service to, ServicePort servicePort) {
        for (Build.RouteState state : build.routes()) {
            for (Attachment attachment : state.attachments()) {
                if (attachment.service() != to) continue;
                if (!attachment.accepted()) notes.add(state.key() + " is not accepted: " + attachment.reason() + ", " + attachment.message());
                else if (RouteKind.of(state.route()).http() && !RouteKind.of(state.route()).appliesTo(servicePort)) {
                    notes.add(state.key() + " does not apply: port " + port + " speaks no HTTP (appProtocol " + servicePort.appProtocol().orElse("") + ")");
                }
            }
        }
    }

    private Explained relayed(PortFrontend frontend) {
        set = "none";
        step("no route set", frontend.sets().routed() ? "no route of the Service concerns this client" : "no route is attached to this port", "A12");
        return backends("as if there were no mesh", frontend.sets().own().split());
    }

    private Explained routed(String serverName, Head head, PortFrontend frontend, CompiledSet chosen) {
        set = chosen.inputs().set().toString();
        step(set + " set", reason(chosen.inputs().set(), frontend), chosen.inputs().set().selected() ? "per-workload routes" : "P3");
        List<String> kinds = chosen.inputs().routes().stream().map(RouteRules::route).sorted(java.util.Comparator.comparing(RouteKind::of))
                .map(route -> route.key().kind()).distinct().toList();
        step(kinds.getFirst() + " is in force on the port", kinds.size() == 1 ? "the set has routes of no other kind"
                : "it comes before " + String.join(", ", kinds.subList(1, kinds.size())), "P7");
        if (!chosen.problem().isEmpty()) notes.add(chosen.problem());
        chosen.lost().forEach((route, why) -> notes.add(route + " is not in force: " + why));
        for (RouteRules each : chosen.inputs().routes()) {
            if (Attachments.ignoresHostnames(each.route())) notes.add(each.route().key() + ": spec.hostnames is ignored in a mesh (A11)");
            each.route().warnings().forEach(warning -> notes.add(each.route().key() + ": " + warning));
        }
        return switch (chosen.plan()) {
            case ClientPlan.Relay relay -> {
                step(relay.route(), "connections are relayed by its weights", "B1");
                yield backends(relay.route(), relay.split());
            }
            case ClientPlan.Tls tls -> {
                step("TLS passed through", "server name " + serverName, "A11");
                Split split = tls.table().find(serverName);
                yield backends("TLSRoute", split);
            }
            case ClientPlan.Http http -> http(head, http, chosen);
        };
    }

    private String reason(SetId id, PortFrontend frontend) {
        String over = "";
        if (id.selected()) over = "the client is one that its routes select";
        else if (id.consumer()) over = "the client's namespace " + id.namespace() + " has routes of its own for this Service";
        else over = frontend.sets().plain() ? "routes of the Service's own namespace" : "no consumer or selected route concerns the client";
        return over;
    }

    private Explained http(Head request, ClientPlan.Http http, CompiledSet chosen) {
        step(http.expect() == ClientPlan.Expect.HTTP ? "HTTP is demanded" : "first bytes decide",
                http.expect() == ClientPlan.Expect.HTTP ? "the port's appProtocol says HTTP" : "the port has no appProtocol; what is not HTTP is relayed", "B11");
        GivenRequest head;
        try {
            head = request.get();
        } catch (BadPathException e) {
            step("bad request", e.getMessage(), "M5");
            return end("400 bad-request", Failure.BAD_REQUEST.status());
        }
        path = head.path();
        Explanation explanation = http.table().explain(head);
        Optional<Candidate> winner = explanation.winner();
        for (Explanation.Verdict verdict : explanation.verdicts()) {
            candidates.add(new Explained.CandidateReport(verdict.candidate().label(), verdict.matched(), winner.filter(verdict.candidate()::equals).isPresent(), verdict.reason()));
        }
        if (winner.isEmpty()) {
            step("no match", candidates.size() + " candidates, none matches; routes replace implicit routing", http.miss() == Failure.NO_ROUTE ? "A12" : "A13");
            return end(http.miss().status() + " " + http.miss().reason(), http.miss().status());
        }
        Candidate best = winner.get();
        step("rule " + best.ruleIndex() + " of " + best.route(), explanation.verdicts().stream().filter(each -> each.candidate().equals(best))
                .map(Explanation.Verdict::reason).findFirst().orElse("the best match"), "§3");
        return rule(best, (HeldRule) http.rules().get(best.rule()), chosen);
    }

    private Explained rule(Candidate best, HeldRule rule, CompiledSet chosen) {
        String name = "rule " + best.ruleIndex() + " of " + best.route();
        if (!rule.failure().isNone()) {
            chosen.inputs().routes().stream().filter(each -> each.route().key().equals(best.route()))
                    .map(each -> each.broken().get(best.ruleIndex())).filter(java.util.Objects::nonNull).forEach(broken -> notes.add(broken.message()));
            step("the rule is broken", "its requests are answered by the data plane", "F5");
            return end(rule.failure().status() + " " + rule.failure().reason(), rule.failure().status());
        }
        int redirect = 0;
        for (FilterCell cell : rule.recipe().filters()) {
            step("filter " + cell.inputs().filter().type(), described(cell), "F2");
            if (cell.inputs().filter() instanceof RouteFilter.Redirect to) redirect = to.statusCode();
        }
        if (rule.requestTimeoutNanos() > 0) step("request timeout " + rule.requestTimeoutNanos() / 1_000_000 + " ms", "timeouts.request", "T2");
        if (rule.backendTimeoutNanos() > 0) step("backend timeout " + rule.backendTimeoutNanos() / 1_000_000 + " ms", "timeouts.backendRequest", "T3");
        rule.retry().ifPresent(retry -> step("up to " + retry.attempts() + " retries", "codes " + retry.codes()
                + (retry.grpcCodes().isEmpty() ? "" : ", gRPC " + retry.grpcCodes().stream().map(GrpcAnnotations::name).toList()), retry.grpcCodes().isEmpty() ? "T4" : "T7"));
        rule.sessions().ifPresent(sessions -> step("session persistence", sessions.toString(), "T9"));
        for (HeldRule.Target target : rule.recipe().targets()) {
            for (FilterCell cell : target.filters()) step("filter " + cell.inputs().filter().type() + " of backend " + target.backend().name(), described(cell), "F1");
        }
        if (redirect > 0) return end(name + " → redirect " + redirect, redirect);
        return backends(name, rule.split());
    }

    private static String described(FilterCell cell) {
        return cell.inputs().filter() + cell.inputs().resource().map(resource -> " " + new java.util.TreeMap<>(resource.spec())).orElse("");
    }

    private Explained backends(String by, Split split) {
        if (!(split instanceof WeightedSplit weighted)) return end(by, 0);
        long total = weighted.shares().stream().mapToLong(WeightedSplit.Share::weight).sum();
        int status = -1;
        List<String> named = new ArrayList<>();
        for (WeightedSplit.Share share : weighted.shares()) {
            String percent = percent(share.weight(), total);
            boolean none = share.backend().failure().isNone() && share.backend().ready().isEmpty();
            Failure failure = none ? Failure.NO_ENDPOINT : share.backend().failure();
            backends.add(new Explained.BackendShare(share.backend().name(), percent, failure.isNone() ? "ready" : failure.status() + " " + failure.reason(),
                    endpoints(share.backend())));
            if (share.backend() instanceof PooledBackend pooled) described(pooled);
            if (share.weight() == 0) continue;
            named.add(share.backend().name() + " (" + percent + (failure.isNone() ? "" : ", " + failure.status()) + ")");
            status = status == -1 || status == failure.status() ? failure.status() : 0;
        }
        if (named.isEmpty()) {
            step("no backend", "the rule names none with a weight", weighted.shares().isEmpty() ? "B3" : "B2");
            return end(by + " → " + Failure.NO_BACKEND.status() + " " + Failure.NO_BACKEND.reason(), Failure.NO_BACKEND.status());
        }
        return end(by + " → " + String.join(", ", named), Math.max(0, status));
    }

    private static List<String> endpoints(BackendPlan backend) {
        return backend instanceof PooledBackend pooled ? pooled.pool().all().stream().map(pooled.pool()::describe).toList() : List.of();
    }

    /** What stands between a backend and its endpoints. */
    private void described(PooledBackend backend) {
        BackendPool.Spec spec = backend.pool().spec();
        step("backend " + backend.name(), (spec.protocol().equals("UDP") ? "datagrams" : backend.protocol() == heddle.api.plan.BackendPlan.Protocol.H2C ? "HTTP/2" : "HTTP/1.1 or bytes")
                + ", balancer " + spec.factory().map(heddle.api.policy.LoadBalancerFactory::name).orElse("in turn") + ", " + backend.ready().size() + " endpoints ready", "B11");
        backend.tls().ifPresent(tls -> step("TLS to " + backend.name(), "BackendTLSPolicy: server name " + tls.serverName() + ", certificate for one of " + tls.hostnames()
                + (tls.caCertificatesPem().isEmpty() ? ", trusted by the system's authorities" : ", trusted by the policy's authorities"), "B13"));
        backend.pool().problems().forEach(problem -> notes.add("Service " + backend.pool().spec().service() + ": " + problem));
        if (backend.budget() instanceof WindowedBudget budget) step("retry budget of " + backend.name() + " " + budget.constraint(), budget.toString(), "T8");
    }

    private static String percent(int weight, long total) {
        if (total == 0) return "0 %";
        return BigDecimal.valueOf(weight).multiply(BigDecimal.valueOf(100)).divide(BigDecimal.valueOf(total), 2, RoundingMode.HALF_UP)
                .stripTrailingZeros().toPlainString() + " %";
    }

    private void step(String what, String because, String rule) {
        steps.add(new Explained.Step(what, because, rule));
    }

    private Explained end(String outcome, int status) {
        return new Explained(outcome, status, service, port, client.id(), set, path, steps, candidates, backends, notes.stream().distinct().toList());
    }
}
