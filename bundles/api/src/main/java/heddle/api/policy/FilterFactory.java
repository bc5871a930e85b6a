package heddle.api.policy;

import org.osgi.annotation.versioning.ConsumerType;

/** Makes filters of one type. A service; core calls it when a rule that names the type is built: a vendor's on a thread of the plugin's, one
 *  call after the other, and snapshots go on without a filter that takes longer than {@code plugins.budget} until it is there. */
@ConsumerType
public interface FilterFactory {
    /** The Gateway API's filter type ({@code RequestHeaderModifier}), or {@code group/Kind} of an ExtensionRef. */
    String type();

    /** One instance serves one rule (or backendRef) for as long as its spec stays the same, over many snapshots; then it is closed.
     *  @throws InvalidFilterException the rule then answers 500 and its route's status says why (SPEC.md A13, F5) */
    Filter create(FilterSpec spec) throws InvalidFilterException;
}
