package heddle.api.plan;

import heddle.api.match.RouteTable;
import java.util.List;

/** What happens to the connections of one client to one Service port. */
public sealed interface ClientPlan {
    /** Relay the connection untouched: no routes, a TCPRoute, or a port that speaks no HTTP.
     *  @param route for records: {@code TCPRoute shop/db}, or "" without a route */
    record Relay(String route, Split split) implements ClientPlan {}

    /** Match each request.
     *  @param set    which set it is, for messages: {@code producer}, {@code consumer shop}, …
     *  @param grpc   the rules come from GRPCRoutes: a miss is UNIMPLEMENTED
     *  @param expect whether the port's appProtocol demands HTTP or the first bytes decide
     *  @param rules  by the table's rule number
     *  @param miss   the answer when nothing matches: 404, or 500 when no rule of the set is valid (SPEC.md A12, A13)
     *  @param opaque for connections that turn out not to be HTTP: the Service's own endpoints */
    record Http(String set, boolean grpc, Expect expect, RouteTable table, List<RulePlan> rules, Failure miss, Split opaque)
            implements ClientPlan {
        public Http {
            rules = List.copyOf(rules);
        }
    }

    /** Pass TLS through by SNI. */
    record Tls(SniTable table) implements ClientPlan {}

    enum Expect {
        /** appProtocol http, kubernetes.io/h2c, ws, wss, grpc: anything else is 400. */
        HTTP,
        /** No appProtocol: the first bytes decide (SPEC.md, further decisions). */
        DETECT
    }

    /** TLSRoutes of one set by server name. */
    @FunctionalInterface
    interface SniTable {
        /** @param serverName lower-case, or "" when the client sent none
         *  @return a split, or one whose failure says that nothing matched: the connection is closed */
        Split find(String serverName);
    }
}
