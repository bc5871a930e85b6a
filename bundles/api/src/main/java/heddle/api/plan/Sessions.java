package heddle.api.plan;

import heddle.api.match.RequestHead;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Session persistence in force on a rule, its own or that of its backends (SPEC.md T9). On event loops, many at once; never blocks. */
@ProviderType
public interface Sessions {
    /** The session that the request's token names; empty when there is no token, or it is not one of this rule's, has ended, or its endpoint
     *  is gone: then the request starts a new one. */
    Optional<Session> find(RequestHead head);

    /** What to append to the response so that the client comes back to the endpoint that answered; empty when it knows, or when the backend
     *  keeps no sessions.
     *  @param found what {@link #find} said of the request */
    Optional<FilterAction.Field> tell(Optional<Session> found, BackendPlan backend, Endpoint endpoint);

    /** Where a session's requests go, whatever the weights.
     *  @param startedSeconds since 1970, by the clock of the daemon that began it */
    record Session(BackendPlan backend, Endpoint endpoint, long startedSeconds) {}
}
