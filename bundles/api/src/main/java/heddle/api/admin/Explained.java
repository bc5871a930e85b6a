package heddle.api.admin;

import java.util.List;

/** The whole decision, step by step: destination, client, set, candidates, filters, backends.
 *  @param outcome one line: {@code rule 0 of HTTPRoute shop/cart → cart-v1 (90 %), cart-v2 (10 %)} or {@code 404 no-route}
 *  @param status  the status that the data plane itself would answer; 0 when the request goes to a backend */
public record Explained(String outcome, int status, String service, int port, String client, String set, String path,
                        List<Step> steps, List<CandidateReport> candidates, List<BackendShare> backends, List<String> notes) {
    public Explained {
        steps = List.copyOf(steps);
        candidates = List.copyOf(candidates);
        backends = List.copyOf(backends);
        notes = List.copyOf(notes);
    }

    /** One decision and the rule behind it: {@code A12}. */
    public record Step(String what, String because, String rule) {}

    public record CandidateReport(String candidate, boolean matched, boolean winner, String reason) {}

    public record BackendShare(String backend, String percent, String state, List<String> endpoints) {
        public BackendShare {
            endpoints = List.copyOf(endpoints);
        }
    }
}
