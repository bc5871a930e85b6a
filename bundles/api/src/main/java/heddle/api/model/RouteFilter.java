package heddle.api.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** HTTPRouteFilter / GRPCRouteFilter (SPEC.md §5). A type that the decoder does not know becomes {@link Unknown}: the rule answers 500 (F5, M13). */
public sealed interface RouteFilter {
    /** The Gateway API's type, or {@code group/Kind} for an ExtensionRef. A FilterFactory is chosen by it. */
    String type();

    /** A header and its value, as written. */
    record Header(String name, String value) {}

    /** HTTPHeaderFilter on the request or the response. */
    record HeaderModifier(boolean request, List<Header> set, List<Header> add, List<String> remove) implements RouteFilter {
        public HeaderModifier {
            set = List.copyOf(set);
            add = List.copyOf(add);
            remove = List.copyOf(remove);
        }

        @Override public String type() {
            return request ? "RequestHeaderModifier" : "ResponseHeaderModifier";
        }
    }

    /** HTTPPathModifier. */
    sealed interface PathModifier {
        String value();

        record ReplaceFullPath(String value) implements PathModifier {}

        record ReplacePrefixMatch(String value) implements PathModifier {}

        record Unknown(String type, String value) implements PathModifier {}
    }

    /** HTTPRequestRedirectFilter; status 302 unless given. */
    record Redirect(Optional<String> scheme, Optional<String> hostname, Optional<PathModifier> path, OptionalInt port, int statusCode)
            implements RouteFilter {
        @Override public String type() {
            return "RequestRedirect";
        }
    }

    /** HTTPURLRewriteFilter. */
    record UrlRewrite(Optional<String> hostname, Optional<PathModifier> path) implements RouteFilter {
        @Override public String type() {
            return "URLRewrite";
        }
    }

    /** HTTPRequestMirrorFilter; the share is numerator/denominator (percent p = p/100; absent = 1/1). */
    record Mirror(BackendRef backend, int numerator, int denominator) implements RouteFilter {
        @Override public String type() {
            return "RequestMirror";
        }
    }

    /** HTTPCORSFilter (SPEC.md F11). */
    record Cors(List<String> allowOrigins, boolean allowCredentials, List<String> allowMethods, List<String> allowHeaders,
                List<String> exposeHeaders, int maxAgeSeconds) implements RouteFilter {
        public Cors {
            allowOrigins = List.copyOf(allowOrigins);
            allowMethods = List.copyOf(allowMethods);
            allowHeaders = List.copyOf(allowHeaders);
            exposeHeaders = List.copyOf(exposeHeaders);
        }

        @Override public String type() {
            return "CORS";
        }
    }

    /** HTTPExternalAuthFilter (SPEC.md F12). {@code forwardBodyBytes} 0 = no body is sent. */
    record ExternalAuth(boolean grpc, BackendRef backend, List<String> allowedRequestHeaders, String pathPrefix,
                        List<String> allowedResponseHeaders, int forwardBodyBytes) implements RouteFilter {
        public ExternalAuth {
            allowedRequestHeaders = List.copyOf(allowedRequestHeaders);
            allowedResponseHeaders = List.copyOf(allowedResponseHeaders);
        }

        @Override public String type() {
            return "ExternalAuth";
        }
    }

    /** LocalObjectReference to a filter of ours or of a vendor, in the route's namespace. */
    record ExtensionRef(String group, String kind, String name) implements RouteFilter {
        @Override public String type() {
            return group + "/" + kind;
        }
    }

    record Unknown(String type) implements RouteFilter {}

}
