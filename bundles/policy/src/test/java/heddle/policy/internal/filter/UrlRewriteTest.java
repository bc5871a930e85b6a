package heddle.policy.internal.filter;

import static heddle.testkit.GivenSpec.prefix;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter.PathModifier;
import heddle.api.model.RouteFilter.UrlRewrite;
import heddle.api.policy.Filter;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlRewriteTest {
    private static String rewritten(EditedRequest request, Optional<String> hostname, Optional<PathModifier> path, HttpMatch... matches) throws InvalidFilterException {
        Filter filter = new UrlRewriteFactory().create(GivenSpec.of(new UrlRewrite(hostname, path), matches));
        filter.onRequest(request, new GivenExchange());
        return request.target();
    }

    private static String replacePrefix(String target, String matched, String replacement) throws InvalidFilterException {
        return rewritten(EditedRequest.get(target), Optional.empty(), Optional.of(new PathModifier.ReplacePrefixMatch(replacement)), prefix(matched));
    }

    /** SPEC.md F7: the table of HTTPPathModifier.replacePrefixMatch (apis/v1/httproute_types.go), row by row, then rows of our own. */
    @ParameterizedTest(name = "{0} under {1} with [{2}] → {3}")
    @CsvSource({"/foo/bar, /foo, /xyz, /xyz/bar", "/foo/bar, /foo, /xyz/, /xyz/bar", "/foo/bar, /foo/, /xyz, /xyz/bar", "/foo/bar, /foo/, /xyz/, /xyz/bar", "/foo, /foo, /xyz, /xyz",
        "/foo/, /foo, /xyz, /xyz/", "/foo/bar, /foo, '', /bar", "/foo/, /foo, '', /", "/foo, /foo, '', /", "/foo/, /foo, /, /", "/foo, /foo, /, /",
        "/foo/, /foo/, /xyz, /xyz/", "/bar, /, /xyz, /xyz/bar", "/, /, /xyz, /xyz/", "/foo//bar, /foo, /xyz, /xyz//bar", "/foo/bar, /foo, xyz, /xyz/bar",
        "/foo/bar?a=/foo&b, /foo, /xyz, /xyz/bar?a=/foo&b", "/foo?, /foo, /xyz, /xyz", "/x/../foo/%62ar, /foo, /xyz, /xyz/bar", "/foo/a%2fb, /foo, /xyz, /xyz/a%2Fb",
        "http://h/foo/bar?q, /foo, /xyz, /xyz/bar?q", "/foo/bar, /foo, /é, /%C3%A9/bar"})
    void f7ReplacePrefixMatch(String target, String matched, String replacement, String expected) throws InvalidFilterException {
        assertThat(replacePrefix(target, matched, replacement)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} with {1} → {2}")
    @CsvSource({"/foo/bar, /xyz, /xyz", "/foo?a=b, /xyz, /xyz?a=b", "/foo?a=b, /xyz?c=d, /xyz?c=d", "/foo, xyz, /xyz", "/foo, '', /", "/foo, /a%20b, /a%20b", "/foo, /xyz/, /xyz/"})
    void replaceFullPathKeepsTheQueryUnlessItHasItsOwn(String target, String value, String expected) throws InvalidFilterException {
        assertThat(rewritten(EditedRequest.get(target), Optional.empty(), Optional.of(new PathModifier.ReplaceFullPath(value)))).isEqualTo(expected);
    }

    @Test
    void f9HostnameReplacesTheHostAndNothingElseDoes() throws InvalidFilterException {
        EditedRequest request = EditedRequest.get("/a//./b?x");
        request.at("shop:8080");
        assertThat(rewritten(request, Optional.of("other.example"), Optional.empty())).as("the target as received").isEqualTo("/a//./b?x");
        assertThat(request.authority()).isEqualTo("other.example");
        request.at("shop:8080");
        rewritten(request, Optional.empty(), Optional.of(new PathModifier.ReplaceFullPath("/x")));
        assertThat(request.authority()).isEqualTo("shop:8080");
    }

    @Test
    void targetsWithoutPathStay() throws InvalidFilterException {
        assertThat(rewritten(new EditedRequest("OPTIONS", "*"), Optional.empty(), Optional.of(new PathModifier.ReplaceFullPath("/x")))).isEqualTo("*");
    }

    @Test
    void f7ReplacePrefixMatchNeedsExactlyOnePrefixMatch() {
        HttpMatch exact = new HttpMatch(new PathMatch.Exact("/a"), List.of(), List.of(), Optional.empty());
        Optional<PathModifier> path = Optional.of(new PathModifier.ReplacePrefixMatch("/x"));
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), path, exact)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("path.replacePrefixMatch");
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), path, prefix("/a"), prefix("/b"))).isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), path)).isInstanceOf(InvalidFilterException.class);
    }

    @Test
    void refusesWhatCannotBeSent() {
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), Optional.of(new PathModifier.ReplaceFullPath("/a b")))).hasMessageContaining("path.replaceFullPath");
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), Optional.of(new PathModifier.ReplaceFullPath("/a\r\nx: y")))).isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.empty(), Optional.of(new PathModifier.Unknown("Regex", "x")))).hasMessageContaining("path.type: Regex");
        assertThatThrownBy(() -> rewritten(EditedRequest.get("/a"), Optional.of("a_b:80"), Optional.empty())).hasMessageContaining("hostname: a_b:80");
    }
}
