package heddle.gateway.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteFilter.PathModifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** HTTPRouteFilter and GRPCRouteFilter (SPEC.md §5). An unknown type is kept as such (M13): its rule answers 500. */
final class FilterDecoder {
    /** Filter type to the field that configures it, in the order of the Go type. */
    private static final Map<String, String> HTTP_FIELDS = Map.of("RequestHeaderModifier", "requestHeaderModifier",
            "ResponseHeaderModifier", "responseHeaderModifier", "RequestMirror", "requestMirror", "RequestRedirect", "requestRedirect",
            "URLRewrite", "urlRewrite", "CORS", "cors", "ExternalAuth", "externalAuth", "ExtensionRef", "extensionRef");
    private static final Map<String, String> GRPC_FIELDS = Map.of("RequestHeaderModifier", "requestHeaderModifier",
            "ResponseHeaderModifier", "responseHeaderModifier", "RequestMirror", "requestMirror", "ExtensionRef", "extensionRef");
    private static final Set<String> REPEATABLE = Set.of("RequestMirror", "ExtensionRef", "ExternalAuth");
    private static final Set<Integer> REDIRECT_CODES = Set.of(301, 302, 303, 307, 308);
    private static final TextRule SCHEME = TextRule.oneOf("http", "https");
    private static final TextRule REPLACEMENT = TextRule.upTo(1024);
    private static final TextRule CORS_METHOD = TextRule.oneOf("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*");

    static List<RouteFilter> http(Spot list) {
        List<RouteFilter> filters = list(list, HTTP_FIELDS);
        if (filters.size() > 1 && filters.stream().anyMatch(RouteFilter.Redirect.class::isInstance)
                && filters.stream().anyMatch(RouteFilter.UrlRewrite.class::isInstance)) {
            list.problem("RequestRedirect and URLRewrite together (expected: only one of them)");
        }
        return filters;
    }

    static List<RouteFilter> grpc(Spot list) {
        return list(list, GRPC_FIELDS);
    }

    static boolean replacesPrefix(RouteFilter filter) {
        return switch (filter) {
            case RouteFilter.Redirect redirect -> redirect.path().filter(PathModifier.ReplacePrefixMatch.class::isInstance).isPresent();
            case RouteFilter.UrlRewrite rewrite -> rewrite.path().filter(PathModifier.ReplacePrefixMatch.class::isInstance).isPresent();
            default -> false;
        };
    }

    private static List<RouteFilter> list(Spot list, Map<String, String> fields) {
        if (!list.present()) {
            return List.of();
        }
        List<RouteFilter> filters = new ArrayList<>();
        Set<String> types = new HashSet<>();
        for (Spot spot : list.objects(0, 16)) {
            Spot typeSpot = spot.required("type", "a filter type");
            String type = typeSpot.text(TextRule.ANY, "");
            if (!types.add(type) && fields.containsKey(type) && !REPEATABLE.contains(type)) {
                typeSpot.problem(type + " twice in one list (expected: once)");
            }
            fields.forEach((other, field) -> {
                Spot config = spot.field(field);
                if (config.present() && !other.equals(type)) {
                    config.problem("is set (expected: only with type " + other + ")");
                }
            });
            if (fields.containsKey(type)) {
                filters.add(filter(spot.required(fields.get(type), "an object, since the type is " + type), type));
            } else {
                filters.add(new RouteFilter.Unknown(type));
            }
            spot.done();
        }
        return filters;
    }

    private static RouteFilter filter(Spot spot, String type) {
        spot.isObject();
        RouteFilter filter = switch (type) {
            case "RequestHeaderModifier", "ResponseHeaderModifier" -> new RouteFilter.HeaderModifier(type.startsWith("Request"),
                    headers(spot.field("set")), headers(spot.field("add")), spot.field("remove").texts(0, 16, TextRule.ANY, true));
            case "RequestRedirect" -> redirect(spot);
            case "URLRewrite" -> new RouteFilter.UrlRewrite(spot.field("hostname").text(Rules.PRECISE_HOSTNAME), path(spot.field("path")));
            case "RequestMirror" -> mirror(spot);
            case "CORS" -> cors(spot);
            case "ExternalAuth" -> externalAuth(spot);
            default -> References.extension(spot);
        };
        spot.done();
        return filter;
    }

    /** HTTPHeaderFilter set or add: the same name twice as written is refused, of equivalent names the first counts (SPEC.md F6). */
    private static List<RouteFilter.Header> headers(Spot list) {
        List<RouteFilter.Header> headers = new ArrayList<>();
        Set<String> written = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Spot spot : list.objects(0, 16)) {
            Spot nameSpot = spot.required("name", Rules.HEADER_NAME.expected());
            String name = nameSpot.text(Rules.HEADER_NAME, "");
            String value = spot.required("value", Rules.HEADER_VALUE.expected()).text(Rules.HEADER_VALUE, "");
            spot.done();
            if (!written.add(name)) {
                nameSpot.fail("each name once");
            }
            if (names.add(name.toLowerCase(Locale.ROOT))) {
                headers.add(new RouteFilter.Header(name, value));
            } else {
                spot.warn("ignored, an entry with an equivalent name comes before it");
            }
        }
        return headers;
    }

    private static RouteFilter redirect(Spot spot) {
        Optional<String> scheme = spot.field("scheme").text(SCHEME);
        Optional<String> hostname = spot.field("hostname").text(Rules.PRECISE_HOSTNAME);
        Optional<PathModifier> path = path(spot.field("path"));
        OptionalInt port = spot.field("port").integer(1, References.MAX_PORT);
        Spot codeSpot = spot.field("statusCode");
        int code = codeSpot.integer(0, 999, 302);
        if (!REDIRECT_CODES.contains(code)) {
            codeSpot.fail("one of 301, 302, 303, 307, 308");
        }
        return new RouteFilter.Redirect(scheme, hostname, path, port, code);
    }

    /** HTTPPathModifier. */
    private static Optional<PathModifier> path(Spot spot) {
        if (!spot.isObject()) {
            return Optional.empty();
        }
        String type = spot.required("type", "ReplaceFullPath or ReplacePrefixMatch").text(TextRule.ANY, "");
        Optional<String> full = replacement(spot, "replaceFullPath", "ReplaceFullPath", type);
        Optional<String> prefix = replacement(spot, "replacePrefixMatch", "ReplacePrefixMatch", type);
        spot.done();
        return Optional.of(switch (type) {
            case "ReplaceFullPath" -> new PathModifier.ReplaceFullPath(full.orElse(""));
            case "ReplacePrefixMatch" -> new PathModifier.ReplacePrefixMatch(prefix.orElse(""));
            default -> new PathModifier.Unknown(type, full.or(() -> prefix).orElse(""));
        });
    }

    private static Optional<String> replacement(Spot path, String field, String ofType, String type) {
        Spot spot = path.field(field);
        if (type.equals(ofType) && !spot.present()) {
            spot.fail("a path, since the type is " + ofType);
        } else if (!type.equals(ofType) && spot.present()) {
            spot.problem("is set (expected: only with type " + ofType + ")");
        }
        return spot.text(REPLACEMENT);
    }

    private static RouteFilter mirror(Spot spot) {
        BackendRef backend = References.single(spot.required("backendRef", "an object"));
        Spot percentSpot = spot.field("percent");
        OptionalInt percent = percentSpot.integer(0, 100);
        Spot fraction = spot.field("fraction");
        if (!fraction.isObject()) {
            return new RouteFilter.Mirror(backend, percent.orElse(1), percent.isPresent() ? 100 : 1);
        }
        if (percentSpot.present()) {
            percentSpot.problem("is set beside fraction (expected: only one of them)");
        }
        Spot numeratorSpot = fraction.required("numerator", "a whole number");
        int numerator = numeratorSpot.integer(0, Integer.MAX_VALUE, 0);
        int denominator = fraction.field("denominator").integer(1, Integer.MAX_VALUE, 100);
        if (numerator > denominator) {
            numeratorSpot.fail("no more than denominator, " + denominator);
        }
        fraction.done();
        return new RouteFilter.Mirror(backend, numerator, denominator);
    }

    private static RouteFilter cors(Spot spot) {
        return new RouteFilter.Cors(wildcardAlone(spot.field("allowOrigins"), 64, Rules.CORS_ORIGIN), spot.field("allowCredentials").bool(false),
                wildcardAlone(spot.field("allowMethods"), 9, CORS_METHOD), wildcardAlone(spot.field("allowHeaders"), 64, Rules.HEADER_NAME),
                spot.field("exposeHeaders").texts(0, 64, Rules.HEADER_NAME, true), spot.field("maxAge").integer(1, Integer.MAX_VALUE, 5));
    }

    private static List<String> wildcardAlone(Spot spot, int max, TextRule rule) {
        List<String> values = spot.texts(0, max, rule, true);
        if (values.size() > 1 && values.contains("*")) {
            spot.problem("'*' beside other values (expected: '*' alone, or none)");
        }
        return values;
    }

    private static RouteFilter externalAuth(Spot spot) {
        String protocol = spot.required("protocol", "HTTP or GRPC").text(TextRule.ANY, "");
        BackendRef backend = References.single(spot.required("backendRef", "an object"));
        Spot grpc = protocolConfig(spot, "grpc", "GRPC", protocol);
        Spot http = protocolConfig(spot, "http", "HTTP", protocol);
        Spot body = spot.field("forwardBody");
        body.isObject();
        List<String> requestHeaders = (protocol.equals("GRPC") ? grpc : http).field("allowedHeaders").texts(0, 64, TextRule.ANY, true);
        List<String> responseHeaders = http.field("allowedResponseHeaders").texts(0, 64, TextRule.ANY, true);
        String path = http.field("path").text(Rules.PATH_CHARACTERS, "");
        int bodyBytes = body.field("maxSize").integer(0, Integer.MAX_VALUE, 0);
        grpc.done();
        http.done();
        body.done();
        if (!protocol.equals("GRPC") && !protocol.equals("HTTP")) {
            return new RouteFilter.Unknown("ExternalAuth protocol " + protocol);
        }
        return new RouteFilter.ExternalAuth(protocol.equals("GRPC"), backend, requestHeaders, path, responseHeaders, bodyBytes);
    }

    private static Spot protocolConfig(Spot spot, String field, String ofProtocol, String protocol) {
        Spot config = spot.field(field);
        if (protocol.equals(ofProtocol) && !config.present()) {
            config.fail("an object, since the protocol is " + ofProtocol);
        } else if (!protocol.equals(ofProtocol) && config.present()) {
            config.problem("is set (expected: only with protocol " + ofProtocol + ")");
        }
        config.isObject();
        return config;
    }

    private FilterDecoder() {}
}
