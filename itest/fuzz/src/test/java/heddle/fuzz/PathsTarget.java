package heddle.fuzz;

import heddle.api.match.BadPathException;
import heddle.api.match.Candidate;
import heddle.api.match.Explanation;
import heddle.api.match.GivenRequest;
import heddle.api.match.RequestPath;
import heddle.api.match.RouteTable;
import heddle.api.model.HttpMatch;
import heddle.api.model.ObjectKey;
import heddle.api.model.PathMatch;
import heddle.api.model.ValueMatch;
import heddle.match.internal.TrieRouteCompiler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Path rules: a target, then values of rules, one a line. A path that was accepted is normal for good and cannot climb; the table agrees with
 *  its own explanation; a prefix holds what a plain reading says. */
public final class PathsTarget {
    private PathsTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", 8);
        GivenRequest request;
        try {
            request = GivenRequest.of("GET", lines[0]).with("host", "shop");
        } catch (BadPathException refused) {
            return;
        }
        String path = request.path();
        try {
            if (!path.startsWith("/") || !RequestPath.normalize(path).equals(path)) throw new IllegalStateException(lines[0] + " is " + path + ", which is not normal");
        } catch (BadPathException e) {
            throw new IllegalStateException(lines[0] + " is " + path + ", which is refused", e);
        }
        if ((path + "/").contains("/../") || (path + "/").contains("/./")) throw new IllegalStateException("dot segments in " + path);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String value = "/" + (lines[i].isEmpty() ? "" : lines[i].substring(1));       // the decoder lets nothing else through
            PathMatch match = switch (lines[i].isEmpty() ? 0 : lines[i].charAt(0) % 3) {
                case 0 -> new PathMatch.Prefix(value);
                case 1 -> new PathMatch.Exact(value);
                default -> new PathMatch.Regex(value);
            };
            candidates.add(new Candidate(candidates.size(), new ObjectKey("HTTPRoute", "shop", "r" + i), Optional.empty(), 0, 0,
                    new HttpMatch(match, List.of(), List.<ValueMatch>of(), Optional.empty()), List.of()));
        }
        RouteTable table = new TrieRouteCompiler().compile(candidates).table();
        int found = table.match(request);
        Explanation explained = table.explain(request);
        if (found != explained.winner().map(Candidate::rule).orElse(RouteTable.NO_MATCH)) throw new IllegalStateException("match and explain differ on " + path);
        for (Explanation.Verdict verdict : explained.verdicts()) {
            if (!(verdict.candidate().match() instanceof HttpMatch http) || !(http.path() instanceof PathMatch.Prefix prefix)) continue;
            if (verdict.matched() != holds(prefix.value(), path)) throw new IllegalStateException(path + " under " + prefix.value() + ": " + verdict.matched());
        }
    }

    /** SPEC.md M2, with the value normalised as the request is. */
    private static boolean holds(String value, String path) {
        String normal = value;
        try {
            normal = RequestPath.normalize(value);
        } catch (BadPathException asItIs) {
            // the rule is taken as it stands
        }
        String bare = normal.endsWith("/") ? normal.substring(0, normal.length() - 1) : normal;
        return path.equals(bare) || path.startsWith(bare + "/");
    }
}
