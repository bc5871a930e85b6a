package heddle.core.internal;

import heddle.api.admin.DiffReport;
import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.admin.MeshStatus;
import heddle.api.admin.RecentFailure;
import heddle.api.admin.RouteReport;
import heddle.api.admin.ServiceReport;
import heddle.api.forward.Forwarder;
import heddle.api.match.RouteCompiler;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.Route;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.policy.Endpoint;
import heddle.api.source.ObjectStatus;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import heddle.api.steer.Steering;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The operator's view: reports made out of the last build when they are asked for. Any thread but an event loop. */
final class Inspector {
    private final Assembler assembler;
    private final Parts parts;

    Inspector(Assembler assembler, Parts parts) {
        this.assembler = assembler;
        this.parts = parts;
    }

    MeshStatus status() {
        Build build = assembler.build();
        List<SourceFeed> feeds = assembler.feeds();
        List<String> missing = new ArrayList<>();
        if (feeds.isEmpty()) missing.add("no route source is there");
        for (String id : assembler.awaited()) missing.add("source " + id + " has not started; the log says why where it failed");
        for (SourceFeed feed : feeds) {
            if (feed.state().isEmpty()) missing.add("source " + feed.source().id() + " has not delivered yet");
            else if (!feed.inForce()) missing.add("the first state of source " + feed.source().id() + " is not in force yet");
            if (!feed.stale().isEmpty()) missing.add("source " + feed.source().id() + " is stale: " + feed.stale());
        }
        if (build.snapshot().generation() == 0) missing.add("no snapshot is published yet");
        if (assembler.plane().steering().isEmpty()) missing.add("no steering is in force");
        else if (!assembler.plane().planned()) missing.add("the steering has put no plan in force yet");
        if (assembler.plane().forwarder().isEmpty()) missing.add("no forwarder is in force");
        if (parts.compilers.best().isEmpty()) missing.add("no route compiler is there");
        String compiler = parts.compilers.best().map(RouteCompiler::name).orElse("none");
        if (!build.problems().isEmpty()) compiler += " (" + String.join("; ", build.problems()) + ")";
        return new MeshStatus(missing.isEmpty(), missing, build.snapshot().generation(), build.world().services().size(), build.world().routes().size(),
                build.rules(), build.world().workloads().size(), compiler, feeds.stream().map(feed -> source(build, feed)).toList(),
                assembler.plane().steering().map(Steering::status), assembler.plane().forwarder().map(Forwarder::status));
    }

    private static MeshStatus.SourceReport source(Build build, SourceFeed feed) {
        List<String> shadowed = build.world().shadowed().getOrDefault(feed, List.of());
        return feed.state().map(state -> new MeshStatus.SourceReport(feed.source().id(), state.revision(), objects(state), feed.stale(), problems(build, feed, state), shadowed))
                .orElseGet(() -> new MeshStatus.SourceReport(feed.source().id(), 0, 0, feed.stale(), List.of(), shadowed));
    }

    /** What the source could not read, and what its policies and Services say that cannot be followed. */
    private static List<SourceProblem> problems(Build build, SourceFeed feed, SourceState state) {
        List<SourceProblem> problems = new ArrayList<>(state.problems());
        for (ObjectStatus status : build.policies()) {
            if (build.world().owners().get(status.key()) != feed) continue;
            for (ObjectStatus.Parent target : status.parents()) {
                target.conditions().stream().filter(each -> !each.isTrue()).forEach(each -> problems.add(new SourceProblem(feed.source().id(), status.key().toString(),
                        "", each.reason() + " for " + target.ref().kind() + " " + target.ref().name() + (each.message().isEmpty() ? "" : ": " + each.message()))));
            }
        }
        for (Service service : state.all(Service.class)) {
            if (build.world().services().get(ServiceName.of(service)) != service || service.metadata().annotations().isEmpty()) continue;
            EndpointSettings.of(service.metadata().annotations(), service.metadata().annotation(BackendPools.BALANCER).orElse("")).problems()
                    .forEach(problem -> problems.add(new SourceProblem(service.metadata().origin(), service.key().toString(), "", problem)));
        }
        return problems;
    }

    private static int objects(SourceState state) {
        return Stream.of(Service.class, HttpRoute.class, GrpcRoute.class, TlsRoute.class, TcpRoute.class, UdpRoute.class,
                heddle.api.model.EndpointSlice.class, heddle.api.model.Workload.class, heddle.api.model.ReferenceGrant.class,
                heddle.api.model.NamespaceObject.class, heddle.api.model.CustomObject.class).mapToInt(kind -> state.all(kind).size()).sum();
    }

    List<RouteReport> routes() {
        Build build = assembler.build();
        Conditions conditions = new Conditions(build.sets());
        Map<heddle.api.model.ObjectKey, List<RouteReport.Attachment>> byKey = new HashMap<>();
        for (Build.RouteState state : build.routes()) {
            byKey.put(state.key(), state.attachments().stream().map(attachment -> {
                Conditions.Verdict verdict = conditions.judge(attachment, state.rules());
                String section = attachment.ref().sectionName().map(name -> "/" + name).orElse("");
                String port = attachment.ref().port().isPresent() ? ":" + attachment.ref().port().getAsInt() : "";
                return new RouteReport.Attachment("Service " + ServiceName.of(attachment.service()) + port + section, verdict.ports(),
                        attachment.accepted() ? attachment.set().kind() : "", verdict.conditions());
            }).toList());
        }
        return build.world().routes().stream()
                .map(route -> new RouteReport(route.key().kind(), route.namespace(), route.name(), route.metadata().origin(), rules(route),
                        byKey.getOrDefault(route.key(), List.of()), route.warnings()))
                .sorted(Comparator.comparing(RouteReport::namespace).thenComparing(RouteReport::name).thenComparing(RouteReport::kind)).toList();
    }

    private static int rules(Route route) {
        return switch (route) {
            case HttpRoute http -> http.rules().size();
            case GrpcRoute grpc -> grpc.rules().size();
            case TlsRoute tls -> tls.rules().size();
            case TcpRoute tcp -> tcp.rules().size();
            case UdpRoute udp -> udp.rules().size();
        };
    }

    List<ServiceReport> services() {
        Build build = assembler.build();
        return build.world().services().values().stream()
                .map(service -> new ServiceReport(service.namespace(), service.name(), service.clusterIps().stream().map(InetAddress::getHostAddress).toList(),
                        service.ports().stream().map(port -> port(build, service, port)).toList()))
                .sorted(Comparator.comparing(ServiceReport::namespace).thenComparing(ServiceReport::name)).toList();
    }

    private ServiceReport.Port port(Build build, Service service, ServicePort port) {
        ServiceName name = ServiceName.of(service);
        List<String> endpoints = new ArrayList<>();
        for (Endpoint endpoint : EndpointList.ready(port, build.world().slices(name))) endpoints.add(EndpointList.text(endpoint.address()));
        for (String endpoint : EndpointList.notReady(port, build.world().slices(name))) endpoints.add(endpoint + " (not ready)");
        return new ServiceReport.Port(port.name(), port.port(), port.protocol(), port.appProtocol().orElse(""),
                handling(build.sets().get(new FrontendKey(name, port.port(), port.protocol()))), endpoints);
    }

    private String handling(PortFrontend.@org.jspecify.annotations.Nullable Sets sets) {
        if (sets == null) return "left alone";
        if (sets.routed()) return "routed";
        if (assembler.plane().steering().filter(steering -> steering.id().equals("bind")).isPresent()) return "relayed";
        return assembler.balances() ? "balanced in the kernel" : "left alone";
    }

    Explained explain(ExplainQuery query) {
        return new Explainer(assembler.build()).explain(query);
    }

    List<RecentFailure> recent(java.util.Optional<String> service) {
        Build build = assembler.build();
        List<RecentFailure> failures = new ArrayList<>();
        for (FrontendKey key : build.snapshot().byPort().keySet()) {
            if (service.isPresent() && !service.get().equals(key.service().toString())) continue;
            for (RecentRequest request : assembler.recent().failures(key)) {
                failures.add(new RecentFailure(Instant.ofEpochMilli(request.millis()), key.service().toString(), key.port(), request.client().id(), request.method(),
                        request.target(), request.status(), request.reason(), request.rule(), new Explainer(build).replay(key, request.client(), request)));
            }
        }
        failures.sort(Comparator.comparing(RecentFailure::time).reversed());
        return failures;
    }

    DiffReport diff(SourceState proposed, boolean over) {
        return new DryRun(assembler.build(), assembler.feeds(), parts, proposed, over, assembler.recent()).report();
    }

    boolean knows(String namespace, String workload) {
        return assembler.build().snapshot().identities().client(namespace, workload) instanceof heddle.api.identity.Client.Known;
    }
}
