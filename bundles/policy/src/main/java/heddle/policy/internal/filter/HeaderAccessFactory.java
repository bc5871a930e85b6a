package heddle.policy.internal.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import heddle.api.match.RequestHead;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** heddle.io/HeaderAccess: the first rule whose headers all hold says Allow or Deny; none holds: {@code default}. Denied is 403. */
@Component
public final class HeaderAccessFactory implements FilterFactory {
    enum Action { Allow, Deny }

    enum Test { Exact, Prefix, Suffix, RegularExpression, Present, Absent }

    @Override public String type() {
        return "heddle.io/HeaderAccess";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        Resource resource = Resource.of(spec).only("default", "rules");
        List<Rule> rules = new ArrayList<>();
        for (Resource rule : resource.objects("rules")) {
            Action action = rule.only("action", "headers").choice("action", Action.class, Optional.empty());
            List<Header> headers = new ArrayList<>();
            for (Resource header : rule.objects("headers")) headers.add(header(header));
            if (headers.isEmpty()) throw rule.bad("headers", "is empty (expected: at least one)");
            rules.add(new Rule(action == Action.Allow, List.copyOf(headers)));
        }
        if (rules.isEmpty()) throw resource.bad("rules", "is empty (expected: at least one)");
        return new HeaderAccess(List.copyOf(rules), resource.choice("default", Action.class, Optional.of(Action.Deny)) == Action.Allow);
    }

    private static Header header(Resource resource) throws InvalidFilterException {
        String name = resource.only("name", "type", "value").text("name", "").toLowerCase(Locale.ROOT);
        if (!HeaderEdits.isToken(name)) throw resource.bad("name", name + " (expected: a header name)");
        Test test = resource.choice("type", Test.class, Optional.of(Test.Exact));
        String value = resource.text("value", "");
        if (value.isEmpty() != (test == Test.Present || test == Test.Absent)) throw resource.bad("value", value + " (expected: none for Present and Absent, a value for the others)");
        return new Header(name, test, value, test == Test.RegularExpression ? Optional.of(pattern(resource, value)) : Optional.empty());
    }

    /** RE2: its time grows with the value's length only, whatever the pattern. */
    private static Pattern pattern(Resource resource, String value) throws InvalidFilterException {
        try {
            return Pattern.compile(value);
        } catch (PatternSyntaxException e) {
            throw resource.bad("value", value + " (expected: a regular expression of RE2; " + e.getDescription() + ")");
        }
    }

    private record Rule(boolean allow, List<Header> headers) {
        boolean holds(RequestHead request) {
            for (Header header : headers) if (!header.holds(request)) return false;
            return true;
        }
    }

    /** @param pattern of a RegularExpression: the whole value must match, as in routes (SPEC.md M10) */
    private record Header(String name, Test test, String value, Optional<Pattern> pattern) {
        boolean holds(RequestHead request) {
            boolean host = name.equals("host");
            boolean present = host ? !request.authority().isEmpty() : request.hasHeader(name);
            String actual = host ? request.authority() : request.header(name);
            return switch (test) {
                case Exact -> present && actual.equals(value);
                case Prefix -> present && actual.startsWith(value);
                case Suffix -> present && actual.endsWith(value);
                case RegularExpression -> present && pattern.orElseThrow().matches(actual);
                case Present -> present;
                case Absent -> !present;
            };
        }
    }

    @OnLoop
    record HeaderAccess(List<Rule> rules, boolean otherwise) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            boolean allowed = otherwise;
            for (Rule rule : rules) {
                if (rule.holds(request)) {
                    allowed = rule.allow;
                    break;
                }
            }
            return allowed ? FilterAction.CONTINUE : Replies.failure(request, 403, 7, "access-denied", "refused by a header access rule", List.of());
        }
    }
}
