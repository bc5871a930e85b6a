package heddle.api.match;

/** A request target has no path that could be matched: the answer is 400 (SPEC.md M5). One instance a fault, without a stack trace,
 *  so that a flood of them costs nothing. */
public final class BadPathException extends Exception {
    private static final long serialVersionUID = 1L;

    static final BadPathException FORM = new BadPathException("request target has no known form (expected: a path, an absolute URI, * or an authority)");
    static final BadPathException ESCAPE = new BadPathException("malformed percent escape in the path (expected: % and two hex digits)");
    static final BadPathException CHARACTER = new BadPathException("NUL, control character, space or # in the path");
    static final BadPathException CLIMBS = new BadPathException("the path climbs above /");

    private BadPathException(String message) {
        super(message, null, false, false);
    }
}
