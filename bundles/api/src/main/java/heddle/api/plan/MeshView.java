package heddle.api.plan;

import heddle.api.identity.IdentityProvider;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The live snapshot. Every call is a wait-free read. */
@ProviderType
public interface MeshView {
    /** Grows with each published snapshot; a connection keeps its plan until this changes. */
    long generation();

    /** The Service port at a destination address; empty when no such Service port exists (any more). */
    Optional<FrontendPlan> frontend(InetSocketAddress destination);

    IdentityProvider identity();
}
