package heddle.sample.jwt;

/** A field of a resource that cannot be used. */
final class BadFieldException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String field;

    BadFieldException(String field, String problem) {
        super(problem);
        this.field = field;
    }

    String field() {
        return field;
    }
}
