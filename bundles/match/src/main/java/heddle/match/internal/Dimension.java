package heddle.match.internal;

import heddle.api.match.RequestHead;

/** One value of a request that conditions compare and an index looks up. */
record Dimension(Source source, String name) {
    static final Dimension METHOD = new Dimension(Source.METHOD, "");
    static final Dimension HOST = new Dimension(Source.HOST, "");
    static final Dimension HOST_PORT = new Dimension(Source.HOST_PORT, "");
    static final Dimension GRPC_SERVICE = new Dimension(Source.GRPC_SERVICE, "");
    static final Dimension GRPC_METHOD = new Dimension(Source.GRPC_METHOD, "");

    /** Compared by identity alone: a rule may hold the same characters. */
    static final String ABSENT = new String("\0absent");

    enum Source { METHOD, HEADER, HOST, HOST_PORT, QUERY, GRPC_SERVICE, GRPC_METHOD }

    static Dimension header(String name) {
        return new Dimension(Source.HEADER, name);
    }

    static Dimension query(String name) {
        return new Dimension(Source.QUERY, name);
    }

    /** The request's value, or {@link #ABSENT}. */
    String value(RequestHead head) {
        return switch (source) {
            case METHOD -> head.method();
            case HEADER -> {
                String value = head.header(name);
                yield value.isEmpty() && !head.hasHeader(name) ? ABSENT : value;
            }
            case HOST -> head.authority().isEmpty() ? ABSENT : Authority.withoutPort(head.authority());
            case HOST_PORT -> head.authority().isEmpty() ? ABSENT : head.authority();
            case QUERY -> QueryString.first(head.query(), name);
            case GRPC_SERVICE -> RpcPath.service(head.path());
            case GRPC_METHOD -> RpcPath.method(head.path());
        };
    }
}
