package heddle.api.model;

import java.util.Optional;

/** One port of a Service. {@code name} is "" where the Service has a single unnamed port; {@code targetPort} is a number or a name.
 *  @param protocol TCP, UDP or SCTP */
public record ServicePort(String name, int port, String protocol, Optional<String> appProtocol, String targetPort) {}
