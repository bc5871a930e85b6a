package heddle.api.admin;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** The operator's view of the mesh. Off the event loops. */
@ProviderType
public interface MeshInspector {
    MeshStatus status();

    /** Every route with its attachments and conditions, sorted by name. */
    List<RouteReport> routes();

    /** Every Service with addresses and endpoints, sorted by name. */
    List<ServiceReport> services();

    Explained explain(ExplainQuery query);

    /** Misses and failures of late, newest first. @param service {@code namespace/name}; empty = of every Service */
    default List<RecentFailure> recent(java.util.Optional<String> service) {
        return List.of();
    }

    /** Decides the requests of late by the live set and by a proposed one. Nothing live changes.
     *  @param over the proposed objects are laid over everything live; else they stand in place of the source {@code file}'s */
    default DiffReport diff(heddle.api.source.SourceState proposed, boolean over) {
        throw new UnsupportedOperationException("diff");
    }

    /** Whether the snapshot in force has this workload. */
    default boolean knows(String namespace, String workload) {
        return true;
    }

    /** What the filters of each plugin did. */
    default List<PluginReport> plugins() {
        return List.of();
    }

    /** What changes of parts have cost so far. */
    default Drains drains() {
        return new Drains(0, 0, 0);
    }

    /** Completes when all that has come, left or been set up to now is in force: the snapshot that has it is published and the steering has its plan.
     *  Exceptionally, with a sentence for the operator, when that snapshot cannot be built. */
    default CompletionStage<Void> inForce() {
        return CompletableFuture.completedFuture(null);
    }

    /** What is on its way to the next snapshot, for the operator; "" when all is in force. */
    default String pending() {
        return "";
    }

    /** Every snapshot, after it is in force: its generation and how long it took. For telemetry and tests. */
    heddle.api.source.Registration onPublished(Consumer<Published> listener);

    /** @param nanos from the first change of the batch to in force */
    record Published(long generation, long nanos, int frontends, int rules, int rebuiltFrontends) {}
}
