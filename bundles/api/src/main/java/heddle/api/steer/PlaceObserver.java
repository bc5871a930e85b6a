package heddle.api.steer;

import org.osgi.annotation.versioning.ProviderType;

/** Core's ear for places; it tells the current forwarder. Any thread. */
@ProviderType
public interface PlaceObserver {
    void opened(Place place);

    /** The place takes no new connections; when this returns the forwarder has let go of the listener. */
    void closed(Place place);
}
