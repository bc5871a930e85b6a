package heddle.core.internal;

import heddle.api.model.ObjectKey;
import heddle.api.source.ObjectStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells each source the status of its own routes and policies, only what changed (DESIGN.md, sources). On the assembler thread. */
final class StatusReports {
    private static final Logger LOG = System.getLogger(StatusReports.class.getName());

    private static final Optional<RouteRules> NO_RULES = Optional.empty();

    private Map<ObjectKey, Reported> reported = Map.of();

    /** A status and what it was made of. @param clean it follows from route and attachments alone */
    private record Reported(ObjectStatus status, List<Attachment> attachments, Optional<RouteRules> rules, boolean clean) {}

    void report(Build build) {
        Conditions conditions = new Conditions(build.sets());
        Map<ObjectKey, Reported> next = new HashMap<>(build.routes().size() * 2);
        Map<SourceFeed, List<ObjectStatus>> changed = new LinkedHashMap<>();
        for (Build.RouteState state : build.routes()) {
            Reported before = reported.get(state.key());
            boolean clean = conditions.clean(state.attachments());
            if (before != null && clean && before.clean() && before.rules().orElse(null) == state.rules() && before.attachments() == state.attachments()) {
                next.put(state.key(), before);
                continue;
            }
            ObjectStatus status = new ObjectStatus(state.key(), state.attachments().stream()
                    .map(attachment -> new ObjectStatus.Parent(attachment.ref(), conditions.judge(attachment, state.rules()).conditions())).toList());
            next.put(state.key(), new Reported(status, state.attachments(), Optional.of(state.rules()), clean));
            if (before == null || !status.equals(before.status())) add(build, status, changed);
        }
        for (ObjectStatus status : build.policies()) {
            Reported before = reported.get(status.key());
            if (before == null ? !status.parents().isEmpty() : !status.equals(before.status())) add(build, status, changed);
            next.put(status.key(), new Reported(status, List.of(), NO_RULES, false));
        }
        for (ObjectKey gone : reported.keySet()) {
            // a route that lost its last parent: entries of ours must go from its status (SPEC.md S1)
            if (!next.containsKey(gone)) add(build, new ObjectStatus(gone, List.of()), changed);
        }
        reported = next;
        changed.forEach((feed, statuses) -> {
            try {
                feed.source().report(List.copyOf(statuses));
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "source " + feed.source().id() + " did not take a status: " + e, e);
            }
        });
    }

    private static void add(Build build, ObjectStatus status, Map<SourceFeed, List<ObjectStatus>> changed) {
        SourceFeed owner = build.world().owners().get(status.key());
        if (owner != null) changed.computeIfAbsent(owner, each -> new ArrayList<>()).add(status);
    }
}
