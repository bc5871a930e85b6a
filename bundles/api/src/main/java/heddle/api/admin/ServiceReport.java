package heddle.api.admin;

import java.util.List;

/** One Service. @param endpoints {@code address:port}, ready ones first, others marked {@code (not ready)} */
public record ServiceReport(String namespace, String name, List<String> addresses, List<Port> ports) {
    public ServiceReport {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
    }

    /** @param handling {@code routed}, {@code balanced in the kernel}, {@code relayed} or {@code left alone} */
    public record Port(String name, int port, String protocol, String appProtocol, String handling, List<String> endpoints) {
        public Port {
            endpoints = List.copyOf(endpoints);
        }
    }
}
