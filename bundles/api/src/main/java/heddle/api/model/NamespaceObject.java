package heddle.api.model;

/** v1 Namespace: its labels, for selectors. */
public record NamespaceObject(Metadata metadata) implements MeshObject {}
