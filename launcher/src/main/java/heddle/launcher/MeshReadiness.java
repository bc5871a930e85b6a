package heddle.launcher;

import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Asks core's MeshInspector whether the mesh is ready. By reflection: the launcher carries no copy of the API. */
final class MeshReadiness {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");
    private static final String INSPECTOR = "heddle.api.admin.MeshInspector";
    private final Felix felix;

    MeshReadiness(Felix felix) {
        this.felix = felix;
    }

    /** @param summary what `ready` is followed by */
    record State(boolean ready, List<String> missing, String summary) {}

    /** Runs {@code look} whenever a snapshot has been published, until what is returned is closed. */
    AutoCloseable follow(Runnable look) {
        Optional<Object> inspector = felix.service(INSPECTOR);
        if (inspector.isEmpty()) return () -> {};
        try {
            Consumer<Object> published = any -> look.run();
            return (AutoCloseable) api(inspector.get()).getMethod("onPublished", Consumer.class).invoke(inspector.get(), published);
        } catch (ReflectiveOperationException wrong) {
            throw new IllegalStateException("MeshInspector has another shape than expected", wrong);
        }
    }

    State state() {
        Optional<Object> inspector = felix.service(INSPECTOR);
        if (inspector.isEmpty()) return new State(false, List.of("no core: no MeshInspector service"), "");
        try {
            Object status = api(inspector.get()).getMethod("status").invoke(inspector.get());
            return new State((Boolean) of(status, "ready"), ((List<?>) of(status, "notReady")).stream().map(String::valueOf).toList(), summary(status));
        } catch (InvocationTargetException failed) {
            return new State(false, List.of("core cannot tell its status: " + failed.getCause()), "");
        } catch (ReflectiveOperationException wrong) {
            throw new IllegalStateException("MeshInspector has another shape than expected", wrong);
        }
    }

    /** Comes back when all that has come up to now is in force, or after {@code limit}. */
    void awaitInForce(Duration limit) {
        Optional<Object> inspector = felix.service(INSPECTOR);
        if (inspector.isEmpty()) return;
        try {
            CompletionStage<?> inForce = (CompletionStage<?>) api(inspector.get()).getMethod("inForce").invoke(inspector.get());
            inForce.toCompletableFuture().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException late) {
            LOG.log(Level.WARNING, "what was started is not in force: {0}", late instanceof ExecutionException failed ? failed.getCause() : "after " + limit.toSeconds() + " s");
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        } catch (ReflectiveOperationException wrong) {
            throw new IllegalStateException("MeshInspector has another shape than expected", wrong);
        }
    }

    private static Class<?> api(Object inspector) throws ClassNotFoundException {
        return Class.forName(INSPECTOR, true, inspector.getClass().getClassLoader());
    }

    private static String summary(Object status) throws ReflectiveOperationException {
        Object steering = ((Optional<?>) of(status, "steering")).orElse(null);
        return "steering=" + (steering == null ? "none" : of(steering, "id")) + " services=" + of(status, "services")
                + " routes=" + of(status, "routes") + " generation=" + of(status, "generation");
    }

    private static Object of(Object record, String component) throws ReflectiveOperationException {
        return record.getClass().getMethod(component).invoke(record);
    }
}
