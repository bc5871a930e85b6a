package heddle.gateway;

import java.util.List;

/** What a Service says for whoever gives it addresses and builds its EndpointSlices; the mesh itself does not read it.
 *  @param ipFamilies            {@code IPv4}, {@code IPv6}, in order; empty = as the cluster is
 *  @param ipFamilyPolicy        {@code SingleStack}, {@code PreferDualStack} or {@code RequireDualStack}
 *  @param publishNotReady       endpoints count as ready whatever they say */
public record ServiceDetails(List<String> ipFamilies, String ipFamilyPolicy, boolean publishNotReady) {
    public static final ServiceDetails DEFAULT = new ServiceDetails(List.of(), "SingleStack", false);

    public ServiceDetails {
        ipFamilies = List.copyOf(ipFamilies);
    }
}
