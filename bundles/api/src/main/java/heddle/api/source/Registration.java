package heddle.api.source;

/** Ends what was started; idempotent, any thread, does not throw. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
    @Override void close();
}
