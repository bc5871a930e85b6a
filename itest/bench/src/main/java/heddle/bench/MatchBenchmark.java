package heddle.bench;

import heddle.api.match.BadPathException;
import heddle.api.match.Candidate;
import heddle.api.match.GivenRequest;
import heddle.api.match.RouteTable;
import heddle.api.model.HttpMatch;
import heddle.api.model.ObjectKey;
import heddle.api.model.PathMatch;
import heddle.api.model.ValueMatch;
import heddle.match.internal.TrieRouteCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of one match against the number of routes. {@code cycling}: 64 requests for routes spread over the table, again and again;
 *  {@code random}: 16,384 requests for random routes, so that the caches of the processor miss as well. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MatchBenchmark {
    private static final int CYCLE = 64;
    private static final int MANY = 16_384;

    @Param({"1", "1000", "100000"})
    public int routes;

    /** mesh: Host, prefix and a header, ten routes a Host; path: a prefix each; header, query: one value each under the path "/". */
    @Param({"mesh", "path", "header", "query"})
    public String shape;

    private RouteTable table;
    private GivenRequest[] cycle;
    private GivenRequest[] random;

    @Setup
    public void compile() throws BadPathException {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < routes; i++) {
            candidates.add(new Candidate(i, new ObjectKey("HTTPRoute", "bench", "r" + i), Optional.empty(), 0, 0, match(i), List.of()));
        }
        table = new TrieRouteCompiler().compile(candidates).table();
        cycle = new GivenRequest[CYCLE];
        for (int i = 0; i < CYCLE; i++) cycle[i] = request((int) ((long) i * routes / CYCLE));
        random = new GivenRequest[MANY];
        SplittableRandom dice = new SplittableRandom(1);
        for (int i = 0; i < MANY; i++) random[i] = request(dice.nextInt(routes));
    }

    @Benchmark
    @OperationsPerInvocation(CYCLE)
    public int cycling() {
        return matchAll(cycle);
    }

    @Benchmark
    @OperationsPerInvocation(MANY)
    public int random() {
        return matchAll(random);
    }

    private int matchAll(GivenRequest[] requests) {
        int sum = 0;
        for (GivenRequest request : requests) {
            int rule = table.match(request);
            if (rule < 0) throw new IllegalStateException("missed " + request);
            sum += rule;
        }
        return sum;
    }

    private HttpMatch match(int i) {
        return switch (shape) {
            case "mesh" -> new HttpMatch(new PathMatch.Prefix("/api/v" + i % 10 + "/"), List.of(new ValueMatch.Exact("host", host(i)), new ValueMatch.Exact("x-env", "prod")),
                    List.of(), Optional.empty());
            case "path" -> new HttpMatch(new PathMatch.Prefix("/shop/item-" + i), List.of(), List.of(), Optional.empty());
            case "header" -> new HttpMatch(new PathMatch.Prefix("/"), List.of(new ValueMatch.Exact("x-tenant", "tenant-" + i)), List.of(), Optional.empty());
            case "query" -> new HttpMatch(new PathMatch.Prefix("/"), List.of(), List.of(new ValueMatch.Exact("tenant", "tenant-" + i)), Optional.empty());
            default -> throw new IllegalArgumentException(shape);
        };
    }

    private GivenRequest request(int i) throws BadPathException {
        GivenRequest plain = switch (shape) {
            case "mesh" -> GivenRequest.of("GET", "/api/v" + i % 10 + "/items/4711?full=true").with("host", host(i) + ":15080").with("x-env", "prod");
            case "path" -> GivenRequest.of("GET", "/shop/item-" + i + "/4711?full=true").with("host", "shop");
            case "header" -> GivenRequest.of("GET", "/shop/items/4711?full=true").with("host", "shop").with("x-tenant", "tenant-" + i);
            case "query" -> GivenRequest.of("GET", "/shop/items/4711?full=true&tenant=tenant-" + i).with("host", "shop");
            default -> throw new IllegalArgumentException(shape);
        };
        return plain.with("user-agent", "bench/1.0").with("accept", "*/*");
    }

    private static String host(int i) {
        return "svc-" + i / 10 + ".bench.svc.cluster.local";
    }
}
