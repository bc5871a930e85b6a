package heddle.api.policy;

import heddle.api.identity.Client;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** One request and its response, as a filter sees it. An interface, because it will grow. */
@ProviderType
public interface Exchange {
    Client client();

    /** The Service address and port that the client addressed (a redirect's default port: SPEC.md F8). */
    InetSocketAddress destination();

    /** {@code HTTPRoute namespace/name} and the rule's name or index. */
    String route();

    String rule();

    /** The request body, when the filter asked for it ({@link BodyNeed.Buffered}); else empty. */
    Optional<byte[]> body();

    /** A note of one filter for its response side; {@code key} by identity. */
    void put(Object key, Object value);

    Optional<Object> get(Object key);

    /** Sends a request of the filter's own and gives the answer, never exceptionally: faults are a status of 0. The answer comes on the event loop
     *  to a filter that is {@link OnLoop}, else on threads of its plugin that no call of a filter holds. */
    CompletionStage<Answer> call(Backend backend, Subrequest request, Duration limit);

    /** Sends a copy of this request to one endpoint of the backend; the answer is dropped and the exchange never waits (SPEC.md F10). */
    void mirror(Backend backend);

    /** Runs once when the exchange has ended, however it ended; on the thread that an answer to {@link #call} comes on. For filters that count
     *  what is in flight. */
    void onEnd(Runnable task);

    /** A uniform random number in [0, bound). */
    int random(int bound);
}
