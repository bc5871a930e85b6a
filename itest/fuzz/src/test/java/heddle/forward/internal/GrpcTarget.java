package heddle.forward.internal;

import heddle.api.match.BadPathException;
import heddle.api.match.Candidate;
import heddle.api.match.GivenRequest;
import heddle.api.match.RouteTable;
import heddle.api.model.GrpcMatch;
import heddle.api.model.ObjectKey;
import heddle.api.plan.Failure;
import heddle.api.policy.FilterAction;
import heddle.match.internal.TrieRouteCompiler;
import heddle.policy.internal.filter.AuthzAnswerProbe;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The gRPC mapping: a path, then lines {@code service/method} of rules; the same bytes as a grpc-timeout, as a message of ours toward a gRPC
 *  caller, and as an authorization service's answer. */
public final class GrpcTarget {
    private GrpcTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        AuthzAnswerProbe.read(input);
        String text = new String(input, StandardCharsets.ISO_8859_1);
        long nanos = GrpcTimeout.nanos(text);
        if (nanos < 0) throw new IllegalStateException("grpc-timeout " + text + " is " + nanos + " ns");
        answered(OwnAnswer.of(new Failure(500, 13, "fuzz", text.replaceAll("[^ -~]", "?")), true));
        answered(OwnAnswer.of(new FilterAction.Reply(400 + (input.length & 127), List.of(), input, "fuzz"), true));
        match(text.split("\n", 6));
    }

    private static void answered(ReceivedResponse response) {
        if (response.status != 200) throw new IllegalStateException("status " + response.status + " to a gRPC caller");
        int status = Integer.parseInt(response.fields.get("grpc-status"));
        if (status < 1 || status > 16) throw new IllegalStateException("grpc-status " + status);
    }

    private static void match(String[] lines) {
        GivenRequest request;
        try {
            request = GivenRequest.of("POST", lines[0]);
        } catch (BadPathException refused) {
            return;
        }
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int slash = lines[i].indexOf('/');
            Optional<GrpcMatch.NameMatch> service = part(slash < 0 ? lines[i] : lines[i].substring(0, slash));
            Optional<GrpcMatch.NameMatch> method = part(slash < 0 ? "" : lines[i].substring(slash + 1));
            candidates.add(new Candidate(candidates.size(), new ObjectKey("GRPCRoute", "shop", "r" + i), Optional.empty(), 0, 0, new GrpcMatch(service, method, List.of()), List.of()));
        }
        RouteTable table = new TrieRouteCompiler().compile(candidates).table();
        int found = table.match(request);
        if (found != table.explain(request).winner().map(Candidate::rule).orElse(RouteTable.NO_MATCH)) throw new IllegalStateException("match and explain differ on " + request.path());
        boolean any = found != RouteTable.NO_MATCH && lines[found + 1].replace("/", "").isEmpty();       // a rule for every request
        if (found != RouteTable.NO_MATCH && !any && request.path().chars().filter(c -> c == '/').count() != 2) throw new IllegalStateException(request.path() + " is no call and matches");
    }

    /** A pattern when it starts with a tilde. */
    private static Optional<GrpcMatch.NameMatch> part(String text) {
        if (text.isEmpty()) return Optional.empty();
        return Optional.of(text.startsWith("~") ? new GrpcMatch.NameMatch(text.substring(1), true) : new GrpcMatch.NameMatch(text, false));
    }
}
