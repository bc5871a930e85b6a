package heddle.api.model;

/** Names one object: kind, namespace ("" for cluster-scoped kinds) and name. Prints as {@code HTTPRoute shop/cart}. */
public record ObjectKey(String kind, String namespace, String name) implements Comparable<ObjectKey> {

    /** {@code namespace/name}, or the name alone for cluster-scoped kinds. The Gateway API's last tie-break compares this form. */
    public String path() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }

    @Override public int compareTo(ObjectKey other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : path().compareTo(other.path());
    }

    @Override public String toString() {
        return kind + " " + path();
    }
}
