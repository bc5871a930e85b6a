package heddle.api.model;

/** One object of the mesh. Kinds will be added, so this is open: code that switches over kinds needs a default. */
public interface MeshObject {
    Metadata metadata();

    default ObjectKey key() {
        return metadata().key();
    }

    default String namespace() {
        return metadata().key().namespace();
    }

    default String name() {
        return metadata().key().name();
    }
}
