package heddle.api.admin;

import heddle.api.forward.ForwarderStatus;
import heddle.api.source.SourceProblem;
import heddle.api.steer.SteeringStatus;
import java.util.List;
import java.util.Optional;

/** {@code heddle status}.
 *  @param ready every source has delivered, a steering and a forwarder are in force, no source is stale
 *  @param notReady what is missing, one sentence each */
public record MeshStatus(boolean ready, List<String> notReady, long generation, int services, int routes, int rules, int workloads,
                         String routeCompiler, List<SourceReport> sources, Optional<SteeringStatus> steering,
                         Optional<ForwarderStatus> forwarder) {
    public MeshStatus {
        notReady = List.copyOf(notReady);
        sources = List.copyOf(sources);
    }

    /** @param stale why the source cannot refresh, or ""
     *  @param shadowed objects that a higher-ranking source has too */
    public record SourceReport(String id, long revision, int objects, String stale, List<SourceProblem> problems, List<String> shadowed) {
        public SourceReport {
            problems = List.copyOf(problems);
            shadowed = List.copyOf(shadowed);
        }
    }
}
