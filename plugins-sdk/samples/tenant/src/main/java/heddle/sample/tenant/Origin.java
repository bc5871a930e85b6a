package heddle.sample.tenant;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import java.util.Locale;
import java.util.Map;

/** Where a request's tenant or region is read from; "" when it is not there. On event loops: nothing here blocks. */
sealed interface Origin {
    String of(RequestHead head);

    record Header(String name) implements Origin {
        @Override public String of(RequestHead head) {
            return head.header(name);
        }
    }

    /** A label of the client's workload. */
    record Label(String name) implements Origin {
        @Override public String of(RequestHead head) {
            return head.client() instanceof Client.Known known ? known.labels().getOrDefault(name, "") : "";
        }
    }

    record Namespace() implements Origin {
        @Override public String of(RequestHead head) {
            return head.client().namespace();
        }
    }

    static Origin of(Map<?, ?> from, String path, String object) {
        if (from.size() == 1) {
            if (from.get("header") instanceof String name && name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) return new Header(name.toLowerCase(Locale.ROOT));
            if (from.get("label") instanceof String name && !name.isEmpty()) return new Label(name);
            if (Boolean.TRUE.equals(from.get("namespace"))) return new Namespace();
        }
        throw TenantMatchFactory.bad(path, from + " (expected: {header: NAME}, {label: NAME} or {namespace: true})", object);
    }
}
