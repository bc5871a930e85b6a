package heddle.gateway.internal;

import java.net.InetAddress;
import java.util.Optional;

/** IP literals as Kubernetes reads them: no names, no short forms, no scopes, no leading zeros. */
final class Addresses {
    static final TextRule IP = new TextRule("an IP address", 2, 45, text -> parse(text).isPresent());

    static Optional<InetAddress> parse(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        if (v6 ? text.indexOf('%') >= 0 || text.indexOf('[') >= 0 : !isDottedQuad(text)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isDottedQuad(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (part.isEmpty() || part.length() > 3 || part.length() > 1 && part.charAt(0) == '0' || !part.chars().allMatch(c -> c >= '0' && c <= '9')
                    || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    private Addresses() {}
}
