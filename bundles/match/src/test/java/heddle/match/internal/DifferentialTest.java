package heddle.match.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.BadPathException;
import heddle.api.match.Candidate;
import heddle.api.match.Compiled;
import heddle.api.match.GivenRequest;
import heddle.api.match.RouteTable;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.ObjectKey;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteMatch;
import heddle.api.model.ValueMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** The index against the plain evaluator: random route sets, random requests drawn from the same small words so that much collides. */
class DifferentialTest {
    private static final int SETS = 1_000;
    private static final int REQUESTS = 100;
    private static final String[] WORDS = {"a", "b", "ab", "shop", "cart", "v1", "v2", "%2F", "x.y", "~j", ""};
    private static final String[] NAMES = {"x-a", "x-b", "x-c", "x-d", "x-e", "x-f", "x-g", "x-h", "x-i", "x-j", "host", "accept"};
    private static final String[] VALUES = {"1", "2", "abc", "shop", "shop:80", "a,b"};
    private static final String[] METHODS = {"GET", "POST", "PUT", "OPTIONS"};
    private static final String[] PATH_PATTERNS = {"/.*", "/a/.*", "/(a|b)/.+", "/shop/[a-z]+", "/a|/b", "/ab?/.*", "/shop/cart/v\\d", ".*", "/x\\.y/.*", "/v[12](/.*)?"};
    private static final String[] VALUE_PATTERNS = {".*", "[0-9]+", "a.*", "shop", "sh.p:80", "1|2"};

    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20_260_101L);
    private int hits;

    @Test
    void theIndexAgreesWithThePlainEvaluatorOnEveryRequest() throws BadPathException {
        for (int set = 0; set < SETS; set++) {
            boolean grpc = random.nextInt(5) == 0;
            List<Candidate> candidates = candidates(grpc, 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 25));
            Compiled compiled = new TrieRouteCompiler().compile(candidates);
            assertThat(compiled.refused()).isEmpty();
            for (int i = 0; i < REQUESTS; i++) compare(compiled.table(), request(grpc), candidates);
        }
        assertThat(hits).as("requests that matched something").isBetween(SETS * REQUESTS / 10, SETS * REQUESTS * 99 / 100);
    }

    private void compare(RouteTable table, GivenRequest request, List<Candidate> candidates) {
        int expected = candidates.stream().filter(candidate -> PlainEvaluator.failedCondition(candidate, request).isEmpty()).map(Precedence::of).min(Precedence.ORDER).map(p -> p.candidate().rule()).orElse(-1);
        if (expected >= 0) hits++;
        if (table.match(request) != expected) {
            assertThat(table.match(request)).as("%s in %s", request, candidates.stream().map(c -> c.rule() + "=" + c.match()).toList()).isEqualTo(expected);
        }
    }

    private List<Candidate> candidates(boolean grpc, int count) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<Instant> created = random.nextBoolean() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(random.nextInt(3)));
            ObjectKey route = new ObjectKey(grpc ? "GRPCRoute" : "HTTPRoute", pick("shop", "x"), "r" + random.nextInt(5));
            RouteMatch match = grpc ? grpcMatch() : httpMatch();
            candidates.add(new Candidate(i, route, created, random.nextInt(4), i, match, List.of()));
        }
        return candidates;
    }

    private HttpMatch httpMatch() {
        PathMatch path = switch (random.nextInt(8)) {
            case 0, 1 -> new PathMatch.Exact(path());
            case 2, 3, 4 -> new PathMatch.Prefix(path());
            case 5 -> new PathMatch.Regex(pick(PATH_PATTERNS));
            default -> new PathMatch.Prefix("/");
        };
        Optional<String> method = random.nextInt(4) == 0 ? Optional.of(pick(METHODS)) : Optional.empty();
        return new HttpMatch(path, values(NAMES), values("q", "r", "s", "t", "Q", "é", "u", "v", "w", "x"), method);
    }

    private GrpcMatch grpcMatch() {
        Optional<NameMatch> service = name("shop.Cart", "shop.Pay", "x.Y", "~shop\\..*", "~.*");
        Optional<NameMatch> method = name("Get", "Put", "List", "~Ge.", "~.*t");
        return new GrpcMatch(service, method, values(NAMES));
    }

    private Optional<NameMatch> name(String... names) {
        if (random.nextInt(3) == 0) return Optional.empty();
        String name = pick(names);
        return Optional.of(name.startsWith("~") ? new NameMatch(name.substring(1), true) : new NameMatch(name, false));
    }

    private List<ValueMatch> values(String... names) {
        List<ValueMatch> values = new ArrayList<>();
        int count = Math.max(0, random.nextInt(6) - 3);
        for (int i = 0; i < count; i++) {
            String name = pick(names);
            if (values.stream().anyMatch(value -> value.name().equals(name))) continue;
            values.add(random.nextInt(5) == 0 ? new ValueMatch.Regex(name, pick(VALUE_PATTERNS)) : new ValueMatch.Exact(name, pick(VALUES)));
        }
        return values;
    }

    private GivenRequest request(boolean grpc) throws BadPathException {
        String method = pick(METHODS);
        String target = grpc && random.nextInt(8) > 0 ? "/" + pick("shop.Cart", "shop.Pay", "x.Y") + "/" + pick("Get", "Put", "List") : path();
        if (random.nextInt(50) == 0) {
            method = "OPTIONS";
            target = "*";
        } else if (random.nextInt(2) == 0) {
            StringBuilder query = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                query.append(query.isEmpty() ? "?" : "&").append(pick("q", "r", "%71", "s", "Q", "%C3%A9", "t", "u", "v", "w", "x")).append(random.nextInt(8) == 0 ? "" : "=" + pick(VALUES));
            }
            target += query;
        }
        GivenRequest request = GivenRequest.of(method, target);
        for (int i = random.nextInt(8); i > 0; i--) request = request.with(pick(NAMES), pick(VALUES));
        return request;
    }

    private String path() {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) path.append('/').append(pick(WORDS));
        return path.toString();
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }
}
