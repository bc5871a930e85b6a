package heddle.forward.internal;

import heddle.api.plan.Failure;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one event loop has counted; written by it alone, read by status and metrics, which may see a value a moment late. */
final class Counters {
    long connections;
    long accepted;
    long requests;
    long requestsInFlight;
    long relays;
    long tunnels;
    long refused;
    long noOrigin;
    long noService;
    long noRoute;
    long ownAnswers;
    long upstreamConnects;
    long upstreamConnectFailures;
    long upstreamReused;
    long staleRetries;
    long retries;
    long overBudget;
    long timeouts;
    long brokenAfterHead;
    long clientGone;
    long filterFaults;
    long slowClients;
    long notHttp;
    long drainResets;
    long mirrored;
    long mirrorsCut;
    long http2Connections;
    long http2Floods;
    long http2Errors;
    long http2Resets;
    long http2StreamsRefused;
    long headersTooLarge;
    long planResets;
    long quotaRefusals;

    /** A request that goes no further. */
    void refused(Failure answer) {
        refused++;
        if (answer.status() == 431 || answer.status() == 414) headersTooLarge++;
    }

    static Map<String, Long> sum(Iterable<Counters> all) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Counters c : all) {
            add(sums, "accepted", c.accepted);
            add(sums, "requests", c.requests);
            add(sums, "relays", c.relays);
            add(sums, "tunnels", c.tunnels);
            add(sums, "refused_requests", c.refused);
            add(sums, "no_origin", c.noOrigin);
            add(sums, "no_service", c.noService);
            add(sums, "no_route", c.noRoute);
            add(sums, "own_answers", c.ownAnswers);
            add(sums, "upstream_connects", c.upstreamConnects);
            add(sums, "upstream_connect_failures", c.upstreamConnectFailures);
            add(sums, "upstream_reused", c.upstreamReused);
            add(sums, "stale_retries", c.staleRetries);
            add(sums, "retries", c.retries);
            add(sums, "over_budget", c.overBudget);
            add(sums, "timeouts", c.timeouts);
            add(sums, "broken_after_head", c.brokenAfterHead);
            add(sums, "client_gone", c.clientGone);
            add(sums, "filter_faults", c.filterFaults);
            add(sums, "slow_clients", c.slowClients);
            add(sums, "not_http", c.notHttp);
            add(sums, "drain_resets", c.drainResets);
            add(sums, "mirrored", c.mirrored);
            add(sums, "mirrors_cut", c.mirrorsCut);
            add(sums, "http2_connections", c.http2Connections);
            add(sums, "http2_floods", c.http2Floods);
            add(sums, "http2_errors", c.http2Errors);
            add(sums, "http2_resets", c.http2Resets);
            add(sums, "http2_streams_refused", c.http2StreamsRefused);
            add(sums, "headers_too_large", c.headersTooLarge);
            add(sums, "plan_resets", c.planResets);
            add(sums, "quota_refusals", c.quotaRefusals);
        }
        return sums;
    }

    private static void add(Map<String, Long> sums, String name, long value) {
        sums.merge(name, value, Long::sum);
    }
}
