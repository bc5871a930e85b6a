package heddle.api.policy;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What a pick may look at. An interface, because it will grow. */
@ProviderType
public interface PickContext {
    List<Endpoint> ready();

    Client client();

    /** The client's address as text, for source hashing. */
    String source();

    /** Absent for opaque connections. */
    Optional<RequestHead> head();

    /** Endpoints that failed this exchange already; to be avoided while there are others. */
    List<Endpoint> tried();
}
