package heddle.core.internal;

import heddle.api.admin.DiffReport;
import heddle.api.admin.Explained;
import heddle.api.identity.Client;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A proposed set built beside the live one, and the requests of late decided by both. Touches nothing live. One use. */
final class DryRun {
    private static final String FILE = "file";

    private final Build live;
    private final Build proposed;
    private final SourceState state;
    private final RecentRequests recent;
    private final Map<List<Object>, List<String>> changes = new LinkedHashMap<>();
    private final Map<List<Object>, DiffReport.Change> samples = new LinkedHashMap<>();
    private final Map<String, int[]> routes = new TreeMap<>();
    private int replayed;

    /** @param feeds of the live sources, best first
     *  @param over  the proposed objects are laid over everything live; else they stand in place of the source {@code file}'s */
    DryRun(Build live, List<SourceFeed> feeds, Parts parts, SourceState state, boolean over, RecentRequests recent) {
        this.live = live;
        this.state = state;
        this.recent = recent;
        SourceFeed feed = new SourceFeed(new Proposed(), () -> {});
        feed.onState(state);
        List<SourceFeed> all = new ArrayList<>();
        boolean stands = false;
        for (SourceFeed each : feeds) {
            boolean same = !over && each.source().id().equals(FILE);
            all.add(same ? feed : each);
            stands |= same;
        }
        if (!stands) all.addFirst(feed);
        this.proposed = new SnapshotBuilder(DryParts.of(parts), Identities.startingAt(1), new RecentRequests(0), () -> {}).build(all, live.settings());
    }

    private record Proposed() implements RouteSource {
        @Override public String id() {
            return FILE;
        }

        @Override public Registration subscribe(SourceObserver observer) {
            throw new IllegalStateException("a dry run has its state already");
        }
    }

    DiffReport report() {
        for (FrontendKey key : live.snapshot().byPort().keySet()) {
            for (RecentRequest request : recent.requests(key)) replay(key, request);
        }
        List<DiffReport.Change> listed = new ArrayList<>();
        int changed = 0;
        for (Map.Entry<List<Object>, List<String>> each : changes.entrySet()) {
            DiffReport.Change one = samples.get(each.getKey());
            changed += each.getValue().size();
            listed.add(new DiffReport.Change(one.service(), one.port(), each.getValue().size(), one.what(), each.getValue().getFirst(), one.now(), one.then(), one.details()));
        }
        listed.sort((one, other) -> Integer.compare(other.requests(), one.requests()));
        List<DiffReport.RouteCount> counts = routes.entrySet().stream().map(each -> new DiffReport.RouteCount(each.getKey(), each.getValue()[0], each.getValue()[1])).toList();
        Set<String> before = keys(live);
        Set<String> after = keys(proposed);
        return new DiffReport(replayed, changed, listed, counts, after.stream().filter(each -> !before.contains(each)).toList(),
                before.stream().filter(each -> !after.contains(each)).toList(), state.problems());
    }

    private static Set<String> keys(Build build) {
        return build.world().routes().stream().map(route -> route.key().toString()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void replay(FrontendKey key, RecentRequest request) {
        Explained now = new Explainer(live).replay(key, request.client(), request);
        Explained then = new Explainer(proposed).replay(key, client(request.client()), request);
        replayed++;
        count(now, 0);
        count(then, 1);
        List<String> what = new ArrayList<>();
        List<String> details = new ArrayList<>();
        if (!now.set().equals(then.set())) what.add("set");
        if (!rule(now).equals(rule(then))) what.add("rule");
        if (now.status() != then.status()) what.add("status");
        if (!backends(now).equals(backends(then))) what.add("backends");
        compare("filters", List.of("F1", "F2", "F5"), now, then, what, details);
        compare("timeouts", List.of("T2", "T3"), now, then, what, details);
        compare("retries", List.of("T4", "T7", "T8"), now, then, what, details);
        compare("sessions", List.of("T9"), now, then, what, details);
        compare("TLS", List.of("B13"), now, then, what, details);
        if (what.isEmpty()) return;
        List<Object> same = List.of(key, what, details, now.outcome(), then.outcome());
        changes.computeIfAbsent(same, each -> new ArrayList<>()).add(request.client().id() + " " + request.method() + " " + request.target());
        samples.putIfAbsent(same, new DiffReport.Change(key.service().toString(), key.port(), 0, what, "", now.outcome(), then.outcome(), details));
    }

    /** A workload is who the proposed set says that it is. */
    private Client client(Client live) {
        if (!(live instanceof Client.Known known)) return live;
        Client there = proposed.snapshot().identities().client(known.namespace(), known.workload());
        return there instanceof Client.Known ? there : live;
    }

    private void count(Explained explained, int column) {
        String rule = rule(explained);
        if (!rule.isEmpty()) routes.computeIfAbsent(rule.replaceAll(" rule \\d+ match \\d+$", ""), each -> new int[2])[column]++;
    }

    /** The match that won: {@code HTTPRoute shop/cart rule 2 match 0}. */
    private static String rule(Explained explained) {
        return explained.candidates().stream().filter(Explained.CandidateReport::winner).map(Explained.CandidateReport::candidate).findFirst().orElse("");
    }

    private static List<String> backends(Explained explained) {
        return explained.backends().stream().map(each -> each.backend() + " " + each.percent() + " " + each.state()).toList();
    }

    private static void compare(String name, List<String> rules, Explained now, Explained then, List<String> what, List<String> details) {
        List<String> one = texts(rules, now);
        List<String> two = texts(rules, then);
        if (one.equals(two)) return;
        what.add(name);
        one.stream().filter(each -> !two.contains(each)).map(each -> "- " + each).forEach(details::add);
        two.stream().filter(each -> !one.contains(each)).map(each -> "+ " + each).forEach(details::add);
    }

    private static List<String> texts(List<String> rules, Explained explained) {
        return explained.steps().stream().filter(step -> rules.contains(step.rule()))
                .map(step -> step.rule().equals("T8") ? step.what() : step.what() + ": " + step.because()).toList();   // a budget's reason holds its counts
    }
}
