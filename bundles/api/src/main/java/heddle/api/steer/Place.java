package heddle.api.steer;

import java.util.concurrent.Callable;
import org.osgi.annotation.versioning.ConsumerType;

/** Where connections arrive: one listening socket (of one network namespace, or of one Service address). Owned by the steering. */
@ConsumerType
public interface Place {
    /** Unique among live places: {@code netns:4026532281}, {@code bind:127.96.0.3:80}. */
    String id();

    /** A duplicate of the listening descriptor (non-blocking, listening); the caller owns and closes it. */
    int listener();

    /** Runs {@code makeSocket} in the place's network namespace and returns its result. For the socket() call of upstream
     *  connections only; may hop threads, so never on an event loop unless {@link #local()} is true. */
    <T> T inside(Callable<T> makeSocket) throws Exception;

    /** True when the place is in the daemon's own network namespace, so that {@code inside} is a plain call. */
    boolean local();

    /** Destination and client of an accepted connection; {@link Origin#NONE} when the kernel has no record of it. On event loops. */
    Origin origin(Accepted connection);
}
