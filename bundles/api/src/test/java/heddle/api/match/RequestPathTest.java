package heddle.api.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPEC.md M5. */
class RequestPathTest {
    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(quoteCharacter = '`', value = {
        "/, /", "/cart, /cart", "/cart/, /cart/", "/cart?x=1, /cart", "/?, /", "//a//b, //a//b", "/a.b/.c/..d/e., /a.b/.c/..d/e.", "/..., /...",
        "/%63art, /cart", "/%7Euser, /~user", "/%7euser, /~user", "/a%2fb, /a%2Fb", "/a%2Fb, /a%2Fb", "/caf%c3%a9, /caf%C3%A9", "/%25, /%25",
        "/%2541, /%2541", "/a%3fb?c, /a%3Fb",
        "/a/./b, /a/b", "/a/../b, /b", "/a/b/.., /a/", "/a/b/., /a/b/", "/., /", "/a/.., /", "/a/%2e/b, /a/b", "/a/%2E%2e/b, /b", "/a/.%2e/b, /b",
        "/a/%2e./b, /b", "/a//../b, /a/b", "//.., /", "/a/b/../../c, /c", "/a/..%2fb, /a/..%2Fb", "/a/..;x/b, /a/..;x/b", "/.%61, /.a", "/a/.%2fb, /a/.%2Fb",
        "/p?q=/../.., /p", "/a/../?x, /",
    })
    void normalisesForMatching(String target, String path) throws BadPathException {
        assertThat(RequestPath.of("GET", target)).isEqualTo(path);
        assertThat(RequestPath.normalize(path)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e", "/.%2e/a", "/./..", "/%", "/%4", "/%zz", "/a%4", "/%g1", "/%1g", "/%00",
        "/a%00b", "/a\0b", "/a b", "/a#b", "/a\tb", "/a\u007fb", "", "a", "cart/x", "?x", "*", "example.com:80", "http://", "http:///x", "://x/", "1h://x/"})
    void refusesWhatHasNoPath(String target) {
        assertThatThrownBy(() -> RequestPath.of("GET", target)).isInstanceOf(BadPathException.class);
    }

    @ParameterizedTest(name = "{0} {1} → [{2}]")
    @CsvSource(quoteCharacter = '`', value = {
        "OPTIONS, *, ``", "CONNECT, shop:443, ``", "CONNECT, /chat, /chat", "GET, http://shop/cart?x, /cart", "GET, http://shop, /", "GET, http://shop?x, /",
        "OPTIONS, http://shop, ``", "OPTIONS, http://shop/, /", "GET, HTTPS://shop:1/a/../b, /b", "GET, /http://x/../y, /http://y", "OPTIONS, /a, /a",
    })
    void takesThePathOfEachForm(String method, String target, String path) throws BadPathException {
        assertThat(RequestPath.of(method, target)).isEqualTo(path);
    }

    @Test
    void givesBackTheSameInstanceWhenNothingIsToDo() throws BadPathException {
        String target = new String("/a/b.c/.well-known/x~y_z");
        assertThat(RequestPath.of("GET", target)).isSameAs(target);
    }

    @ParameterizedTest(name = "{0} → [{1}]")
    @CsvSource(quoteCharacter = '`', value = {"/a, ``", "/a?, ``", "/a?b=c, b=c", "/a?b?c, b?c", "http://x/a?b, b"})
    void cutsTheQuery(String target, String query) {
        assertThat(RequestPath.query(target)).isEqualTo(query);
    }

    @Test
    void givenRequestJoinsRepeatedHeadersAndTakesTheAuthority() throws BadPathException {
        GivenRequest request = GivenRequest.of("GET", "/a?b=c").with("Host", "shop:80").with("X-A", "1").with("x-a", "2");
        assertThat(request.header("x-a")).isEqualTo("1, 2");
        assertThat(request.authority()).isEqualTo("shop:80");
        assertThat(request.query()).isEqualTo("b=c");
        assertThat(GivenRequest.of("GET", "http://shop:81/x").with("Host", "other").authority()).isEqualTo("shop:81");
        assertThat(GivenRequest.of("CONNECT", "shop:443").authority()).isEqualTo("shop:443");
    }
}
