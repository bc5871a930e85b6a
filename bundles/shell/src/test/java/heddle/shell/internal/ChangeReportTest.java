package heddle.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.admin.MeshInspector;
import heddle.api.admin.MeshStatus;
import heddle.api.admin.RouteReport;
import heddle.api.admin.ServiceReport;
import heddle.api.source.Registration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code mesh:deploy} and its kin come back when the change is in force, or say what it waits for. */
@Timeout(60)
class ChangeReportTest {
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Duration SHORT = Duration.ofMillis(20);
    private final CompletableFuture<Void> inForce = new CompletableFuture<>();
    private final Mesh mesh = new Mesh();
    private volatile List<String> notReady = List.of();
    private volatile long generation = 12;

    ChangeReportTest() {
        mesh.inspector.set(new Inspector());
    }

    @Test void itComesBackWhenTheChangeIsInForceAndTellsTheGeneration() throws InterruptedException {
        ChangeReport report = ChangeReport.begin(mesh);
        Thread.ofPlatform().start(() -> {
            generation = 13;
            inForce.complete(null);
        });
        report.awaitTakenUp("deployed acme", LONG);
        assertThat(report.end()).startsWith("generation 12 -> 13, 0 leases and 0 connections drained, 0 requests failed, ");
    }

    @Test void whatTheMeshLackedBeforeIsNotWaitedForWhatItLacksSinceIs() {
        inForce.complete(null);
        notReady = List.of("source kube is stale");
        ChangeReport report = ChangeReport.begin(mesh);
        assertThatWaits(report, "");
        notReady = List.of("source kube is stale", "source http has not delivered yet");
        assertThatWaits(report, "deployed acme, but that is not in force after 0 s: source http has not delivered yet. What was");
    }

    @Test void whenTheLimitPassesTheMessageNamesWhatIsWaitedForAndTheNextStep() {
        assertThatWaits(ChangeReport.begin(mesh), "deployed acme, but that is not in force after 0 s: the snapshot is being built and waits for acme. What was in force before goes on until it is; "
                + "`heddle status` and `heddle plugins` tell how it goes");
    }

    @Test void aBuildThatFailedIsTold() {
        inForce.completeExceptionally(new IllegalStateException("the next snapshot cannot be built"));
        assertThatWaits(ChangeReport.begin(mesh), "deployed acme, but the next snapshot cannot be built (the log says more)");
    }

    private static void assertThatWaits(ChangeReport report, String message) {
        if (message.isEmpty()) org.assertj.core.api.Assertions.assertThatCode(() -> report.awaitTakenUp("deployed acme", SHORT)).doesNotThrowAnyException();
        else assertThatThrownBy(() -> report.awaitTakenUp("deployed acme", SHORT)).isInstanceOf(CommandFailure.class).hasMessageStartingWith(message);
    }

    private final class Inspector implements MeshInspector {
        @Override public MeshStatus status() {
            return new MeshStatus(notReady.isEmpty(), notReady, generation, 0, 0, 0, 0, "none", List.of(), Optional.empty(), Optional.empty());
        }

        @Override public List<RouteReport> routes() {
            return List.of();
        }

        @Override public List<ServiceReport> services() {
            return List.of();
        }

        @Override public Explained explain(ExplainQuery query) {
            throw new UnsupportedOperationException();
        }

        @Override public CompletionStage<Void> inForce() {
            return inForce;
        }

        @Override public String pending() {
            return "the snapshot is being built and waits for acme";
        }

        @Override public Registration onPublished(Consumer<Published> listener) {
            return () -> {};
        }
    }
}
