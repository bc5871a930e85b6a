package heddle.api.identity;

import heddle.api.steer.Origin;
import org.osgi.annotation.versioning.ConsumerType;

/** Turns what steering knows of a connection into a client. Called once a connection on event loops: must not block. */
@ConsumerType
public interface IdentityProvider {
    Client identify(Origin origin);
}
