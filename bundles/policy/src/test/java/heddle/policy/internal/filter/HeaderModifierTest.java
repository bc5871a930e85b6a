package heddle.policy.internal.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.RouteFilter.Header;
import heddle.api.model.RouteFilter.HeaderModifier;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.testkit.EditedRequest;
import heddle.testkit.EditedResponse;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SPEC.md F6; conformance/tests/mesh/httproute-request-header-modifier.yaml */
class HeaderModifierTest {
    private static Filter request(List<Header> set, List<Header> add, List<String> remove) throws InvalidFilterException {
        return new RequestHeaderModifierFactory().create(GivenSpec.of(new HeaderModifier(true, set, add, remove)));
    }

    private static Filter response(List<Header> set, List<Header> add, List<String> remove) throws InvalidFilterException {
        return new ResponseHeaderModifierFactory().create(GivenSpec.of(new HeaderModifier(false, set, add, remove)));
    }

    private static Header header(String name, String value) {
        return new Header(name, value);
    }

    @Test
    void f6RequestSetReplacesAddAppendsRemoveTakesAway() throws InvalidFilterException {
        EditedRequest edited = EditedRequest.get("/").with("X-Set", "old").with("x-add", "a").with("X-REMOVE", "gone").with("x-kept", "k");
        Filter filter = request(List.of(header("X-Header-Set", "new"), header("x-set", "set")), List.of(header("X-Add", "b"), header("x-new", "n")), List.of("x-remove", "x-absent"));
        assertThat(filter.onRequest(edited, new GivenExchange())).isEqualTo(FilterAction.CONTINUE);
        assertThat(edited.headers()).containsOnly(Map.entry("x-header-set", "new"), Map.entry("x-set", "set"), Map.entry("x-add", "a,b"),
                Map.entry("x-new", "n"), Map.entry("x-kept", "k"));
        assertThat(filter.seesResponse()).isFalse();
    }

    @Test
    void f6ResponseSetReplacesAddAppendsRemoveTakesAway() throws InvalidFilterException {
        EditedResponse edited = new EditedResponse().with("X-Set", "old").with("X-Set", "older").with("x-add", "a").with("x-remove", "gone");
        Filter filter = response(List.of(header("x-set", "set")), List.of(header("x-add", "b")), List.of("X-Remove"));
        assertThat(filter.seesResponse()).isTrue();
        filter.onResponse(edited, new GivenExchange());
        assertThat(edited.fields()).containsExactlyInAnyOrder("x-set: set", "x-add: a,b");
    }

    @Test
    void setCookieIsNeverJoined() throws InvalidFilterException {
        EditedResponse edited = new EditedResponse().with("Set-Cookie", "a=1");
        response(List.of(), List.of(header("Set-Cookie", "b=2")), List.of()).onResponse(edited, new GivenExchange());
        assertThat(edited.fields()).containsExactly("set-cookie: a=1", "set-cookie: b=2");
    }

    @Test
    void settingHostSetsTheAuthority() throws InvalidFilterException {
        EditedRequest edited = EditedRequest.get("/");
        request(List.of(header("Host", "other")), List.of(), List.of()).onRequest(edited, new GivenExchange());
        assertThat(edited.authority()).isEqualTo("other");
        assertThat(edited.headers()).isEmpty();
    }

    @Test
    void f6OneActionPerName() {
        assertThatThrownBy(() -> request(List.of(header("x-a", "1")), List.of(header("X-A", "2")), List.of()))
                .isInstanceOf(InvalidFilterException.class).hasMessageContaining("add.name: X-A").hasMessageContaining("HTTPRoute shop/cart rule 0 filter 0");
        assertThatThrownBy(() -> request(List.of(), List.of(), List.of("x", "X"))).isInstanceOf(InvalidFilterException.class);
    }

    @Test
    void f6AtMostSixteenOfEach() {
        assertThatThrownBy(() -> request(List.of(), List.of(), Collections.nCopies(17, "x"))).isInstanceOf(InvalidFilterException.class).hasMessageContaining("remove: 17");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "ä", "Content-Length", "transfer-encoding", "Connection", "TE", "Upgrade"})
    void refusesNamesThatAreNoneOrFrameTheMessage(String name) {
        assertThatThrownBy(() -> request(List.of(header(name, "1")), List.of(), List.of())).isInstanceOf(InvalidFilterException.class).hasMessageContaining("set.name");
        assertThatThrownBy(() -> response(List.of(), List.of(), List.of(name))).isInstanceOf(InvalidFilterException.class).hasMessageContaining("remove.name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\0b", "\u007f"})
    void refusesValuesThatWouldBreakTheHead(String value) {
        assertThatThrownBy(() -> request(List.of(header("x", value)), List.of(), List.of())).isInstanceOf(InvalidFilterException.class).hasMessageContaining("set[x].value");
    }

    @Test
    void hostIsNeitherAddedNorRemoved() {
        assertThatThrownBy(() -> request(List.of(), List.of(), List.of("Host"))).isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> request(List.of(), List.of(header("host", "x")), List.of())).isInstanceOf(InvalidFilterException.class);
    }

    @Test
    void bothRunOnTheEventLoop() throws InvalidFilterException {
        assertThat(request(List.of(), List.of(), List.of()).getClass()).hasAnnotation(OnLoop.class);
        assertThat(response(List.of(), List.of(), List.of()).getClass()).hasAnnotation(OnLoop.class);
    }
}
