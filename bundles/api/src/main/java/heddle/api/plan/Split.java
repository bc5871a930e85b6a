package heddle.api.plan;

import org.osgi.annotation.versioning.ProviderType;

/** The weighted backends of a rule (SPEC.md §6). */
@ProviderType
public interface Split {
    /** The backend of the next request. An invalid backendRef keeps its share: then {@link BackendPlan#failure()} says what to answer.
     *  On event loops; wait-free. */
    BackendPlan next();
}
