package heddle.match.internal;

/** {@code host[:port]} of a Host header (SPEC.md M7). */
final class Authority {
    private Authority() {}

    static String withoutPort(String authority) {
        int colon = portColon(authority);
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    static boolean namesPort(String authority) {
        return portColon(authority) >= 0;
    }

    /** Where the colon before the port is; -1 without one. A bare IPv6 address has colons and no port. */
    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        if (colon < 0) return -1;
        for (int i = colon + 1; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c < '0' || c > '9') return -1;
        }
        boolean bracketed = colon > 0 && authority.charAt(colon - 1) == ']';
        return bracketed || authority.indexOf(':') == colon ? colon : -1;
    }
}
