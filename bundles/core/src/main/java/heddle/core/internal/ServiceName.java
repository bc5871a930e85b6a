package heddle.core.internal;

import heddle.api.model.Service;

/** A Service's namespace and name. Prints as {@code namespace/name}. */
record ServiceName(String namespace, String name) {
    static ServiceName of(Service service) {
        return new ServiceName(service.namespace(), service.name());
    }

    @Override public String toString() {
        return namespace + "/" + name;
    }
}
