package heddle.api.policy;

/** A filter's spec cannot be used; the message names the field and what was expected. */
public class InvalidFilterException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidFilterException(String message) {
        super(message);
    }
}
