package heddle.policy.internal.balance;

import heddle.api.match.RequestHead;
import heddle.api.policy.PickContext;
import java.util.Locale;

/** What of a request decides where it goes. An unknown kind reads as the source: a bad annotation must not stop traffic. */
record HashKey(Kind kind, String name) {
    enum Kind { SOURCE, HEADER, COOKIE }

    static HashKey parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(colon + 1).trim();
        String kind = (colon < 0 ? text : text.substring(0, colon)).trim().toLowerCase(Locale.ROOT);
        if (kind.equals("header") && !name.isEmpty()) return new HashKey(Kind.HEADER, name.toLowerCase(Locale.ROOT));
        if (kind.equals("cookie") && !name.isEmpty()) return new HashKey(Kind.COOKIE, name);
        return new HashKey(Kind.SOURCE, "");
    }

    String of(PickContext context) {
        if (kind == Kind.SOURCE || context.head().isEmpty()) return context.source();
        RequestHead head = context.head().get();
        String value = kind == Kind.HEADER ? head.header(name) : cookie(head.header("cookie"), name);
        return value.isEmpty() ? context.source() : value;
    }

    static String cookie(String header, String name) {
        for (int start = 0; start < header.length(); ) {
            int end = header.indexOf(';', start);
            if (end < 0) end = header.length();
            while (start < end && header.charAt(start) == ' ') start++;
            if (header.startsWith(name, start) && start + name.length() < end && header.charAt(start + name.length()) == '=') {
                return header.substring(start + name.length() + 1, end).trim();
            }
            start = end + 1;
        }
        return "";
    }
}
