package heddle.core.internal;

import heddle.api.match.RequestHead;
import heddle.api.model.SessionPersistence;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.Sessions;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Session persistence of one rule (SPEC.md T9): the rule's own settings for all its backends, else those that the policy of each backend
 *  says. A session ends with its endpoint; the weights do not matter to it. */
final class RuleSessions implements Sessions {
    /** What became of a request with regard to sessions. */
    enum Event { BEGUN, KEPT, LOST }

    interface Listener {
        void on(Event event);
    }

    /** @param name of the cookie or header */
    private record Kept(BackendPlan plan, BackendPool pool, SessionPersistence settings, String name) {}

    private final String rule;
    private final List<Kept> backends;
    private final SessionTokens tokens;
    private final LongSupplier seconds;
    private final Listener listener;

    /** @param rule    names the rule in the whole mesh
     *  @param seconds since 1970 */
    RuleSessions(String rule, List<Kept> backends, SessionTokens tokens, LongSupplier seconds, Listener listener) {
        this.rule = rule;
        this.backends = backends;
        this.tokens = tokens;
        this.seconds = seconds;
        this.listener = listener;
    }

    /** Empty when neither the rule nor any of its backends keeps sessions. */
    static Optional<Sessions> of(HeldRule.Recipe recipe, List<WeightedSplit.Share> shares, LongSupplier seconds) {
        String rule = recipe.route() + " " + recipe.rule();
        List<Kept> kept = new ArrayList<>();
        for (int i = 0; i < shares.size(); i++) {
            BackendResolver.Resolved backend = recipe.targets().get(i).backend();
            Optional<SessionPersistence> settings = recipe.session().or(backend::session);
            if (settings.isEmpty() || backend.pool().isEmpty() || !shares.get(i).backend().failure().isNone()) continue;
            String owner = recipe.session().isPresent() ? rule : rule + " " + backend.pool().get().name();
            kept.add(new Kept(shares.get(i).backend(), backend.pool().get(), settings.get(), name(settings.get(), owner)));
        }
        return kept.isEmpty() ? Optional.empty() : Optional.of(new RuleSessions(rule, List.copyOf(kept), recipe.tokens(), seconds, recipe.recorder()::session));
    }

    /** Sessions of two rules differ by the name, so that both can live in one browser. */
    private static String name(SessionPersistence settings, String owner) {
        boolean header = settings.type() == SessionPersistence.Type.HEADER;
        if (!settings.sessionName().isEmpty()) return header ? settings.sessionName().toLowerCase(java.util.Locale.ROOT) : settings.sessionName();
        return (header ? "x-heddle-session-" : "heddle-session-") + Integer.toHexString(owner.hashCode());
    }

    @Override public Optional<Session> find(RequestHead head) {
        boolean lost = false;
        for (int i = 0; i < backends.size(); i++) {
            Kept by = backends.get(i);
            if (i > 0 && by.name().equals(backends.get(i - 1).name())) continue;       // the rule's own: one token for all
            String token = by.settings().type() == SessionPersistence.Type.HEADER ? head.header(by.name()) : cookie(head.header("cookie"), by.name());
            if (token.isEmpty()) continue;
            Optional<Session> found = tokens.read(rule, token).flatMap(content -> session(by.name(), content));
            if (found.isPresent()) {
                listener.on(Event.KEPT);
                return found;
            }
            lost = true;
        }
        if (lost) listener.on(Event.LOST);
        return Optional.empty();
    }

    private Optional<Session> session(String carrier, SessionTokens.Content content) {
        long now = seconds.getAsLong();
        for (Kept kept : backends) {
            if (!kept.pool().name().equals(content.backend()) || !kept.name().equals(carrier)) continue;
            if (over(kept.settings().absoluteTimeout(), now - content.started()) || over(kept.settings().idleTimeout(), now - content.seen())) continue;
            for (Endpoint endpoint : kept.pool().healthy()) {
                if (EndpointList.text(endpoint.address()).equals(content.endpoint())) return Optional.of(new Session(kept.plan(), endpoint, content.started()));
            }
        }
        return Optional.empty();
    }

    /** Zero disables. */
    private static boolean over(Optional<Duration> limit, long seconds) {
        return limit.isPresent() && !limit.get().isZero() && seconds >= Math.max(1, limit.get().toSeconds());
    }

    @Override public Optional<FilterAction.Field> tell(Optional<Session> found, BackendPlan backend, Endpoint endpoint) {
        for (Kept kept : backends) {
            if (kept.plan() != backend) continue;
            boolean same = found.isPresent() && found.get().endpoint().equals(endpoint) && found.get().backend() == backend;
            if (same && kept.settings().idleTimeout().isEmpty()) return Optional.empty();
            long now = seconds.getAsLong();
            long started = found.isPresent() ? found.get().startedSeconds() : now;
            if (!same) listener.on(Event.BEGUN);
            String token = tokens.write(rule, new SessionTokens.Content(started, now, kept.pool().name(), EndpointList.text(endpoint.address())));
            return Optional.of(field(kept, token, now - started));
        }
        return Optional.empty();
    }

    private static FilterAction.Field field(Kept kept, String token, long age) {
        if (kept.settings().type() == SessionPersistence.Type.HEADER) return new FilterAction.Field(kept.name(), token);
        String lifetime = kept.settings().permanentCookie() ? "; Max-Age=" + Math.max(1, kept.settings().absoluteTimeout().orElse(Duration.ZERO).toSeconds() - age) : "";
        return new FilterAction.Field("set-cookie", kept.name() + "=" + token + "; Path=/; HttpOnly" + lifetime);
    }

    static String cookie(String header, String name) {
        for (int start = 0; start < header.length(); ) {
            int end = header.indexOf(';', start);
            if (end < 0) end = header.length();
            while (start < end && (header.charAt(start) == ' ' || header.charAt(start) == ',')) start++;
            if (header.startsWith(name, start) && start + name.length() < end && header.charAt(start + name.length()) == '=') {
                return header.substring(start + name.length() + 1, end).strip();
            }
            start = end + 1;
        }
        return "";
    }

    /** {@code cookie shop-session, idle 30 s}: for explain. */
    @Override public String toString() {
        SessionPersistence settings = backends.getFirst().settings();
        return (settings.type() == SessionPersistence.Type.HEADER ? "header " : "cookie ") + backends.getFirst().name()
                + settings.idleTimeout().map(limit -> ", idle " + limit.toSeconds() + " s").orElse("")
                + settings.absoluteTimeout().map(limit -> ", at most " + limit.toSeconds() + " s").orElse("");
    }
}
