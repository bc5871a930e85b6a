package heddle.policy.internal.filter;

import heddle.api.policy.Exchange;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** envoy.service.auth.v3.CheckResponse: status 1, denied_response 2, ok_response 3. Of OkHttpResponse the headers for the backend (2), those
 *  to remove (5) and those for the client (6); query parameters (7, 8) are not applied.
 *  @param code       google.rpc.Status, 0 = allowed
 *  @param httpStatus of a denial */
record AuthzAnswer(int code, int httpStatus, List<Option> headers, List<String> remove, List<Option> toClient, byte[] body) {

    /** HeaderValueOption; in ext_authz a header replaces what was there unless {@code append} is set. */
    record Option(String name, String value, boolean append) {
        void apply(RequestEdit request) {
            if (append) request.addHeader(name, value);
            else request.setHeader(name, value);
        }

        void apply(ResponseEdit response) {
            if (append) response.appendHeader(name, value);
            else response.setHeader(name, value);
        }
    }

    FilterAction applied(Object key, RequestEdit request, Exchange exchange) {
        if (code != 0) return AuthReplies.refused(request, httpStatus, headers.stream().map(option -> new Field(option.name, option.value)).toList(), body);
        for (String name : remove) if (AuthReplies.passes(name)) request.removeHeader(name);
        headers.forEach(header -> header.apply(request));
        if (!toClient.isEmpty()) exchange.put(key, this);
        return FilterAction.CONTINUE;
    }

    /** @throws IllegalArgumentException malformed */
    static AuthzAnswer read(byte[] message) {
        int code = 0;
        int httpStatus = 403;
        List<Option> headers = new ArrayList<>();
        List<String> remove = new ArrayList<>();
        List<Option> toClient = new ArrayList<>();
        byte[] body = new byte[0];
        for (ProtoReader top = new ProtoReader(message); top.next(); ) {
            ProtoReader part = top.message();
            switch (top.field()) {
                case 1 -> {
                    while (part.next()) if (part.field() == 1) code = (int) part.number();
                }
                case 2 -> {
                    while (part.next()) {
                        switch (part.field()) {
                            case 1 -> httpStatus = status(part.message());
                            case 2 -> option(part.message(), headers);
                            case 3 -> body = part.bytes();
                            default -> { }
                        }
                    }
                }
                case 3 -> {
                    while (part.next()) {
                        switch (part.field()) {
                            case 2 -> option(part.message(), headers);
                            case 5 -> remove.add(part.string());
                            case 6 -> option(part.message(), toClient);
                            default -> { }
                        }
                    }
                }
                default -> { }
            }
        }
        return new AuthzAnswer(code, httpStatus, headers, remove, toClient, body);
    }

    private static int status(ProtoReader status) {
        int code = 403;
        while (status.next()) if (status.field() == 1) code = (int) status.number();
        return code >= 300 && code <= 599 ? code : 403;
    }

    private static void option(ProtoReader option, List<Option> to) {
        String name = "";
        String value = "";
        boolean append = false;
        while (option.next()) {
            switch (option.field()) {
                case 1 -> {
                    ProtoReader header = option.message();
                    while (header.next()) {
                        if (header.field() == 1) name = header.string();
                        if (header.field() == 2) value = header.string();
                        if (header.field() == 3) value = new String(header.bytes(), StandardCharsets.ISO_8859_1);
                    }
                }
                case 2 -> {
                    ProtoReader flag = option.message();
                    while (flag.next()) append = flag.number() != 0;
                }
                default -> { }
            }
        }
        if (HeaderEdits.isToken(name) && HeaderEdits.isFieldValue(value) && AuthReplies.passes(name)) to.add(new Option(name, value, append));
    }
}
