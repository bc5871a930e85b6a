package heddle.policy.internal.filter;

/** Lets a fuzz target reach what reads the answer of an authorization service. */
public final class AuthzAnswerProbe {
    private AuthzAnswerProbe() {}

    public static void read(byte[] message) {
        try {
            AuthzAnswer.read(message);
        } catch (IllegalArgumentException malformed) {
            // said so: the request is refused
        }
    }
}
