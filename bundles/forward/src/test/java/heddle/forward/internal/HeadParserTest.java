package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** RFC 9112 §2 to §5. What is refused is in smuggling.txt; here: what is read, and that pieces of any size give the same. */
class HeadParserTest {
    private static final String REQUEST = "POST /a/b?c=d HTTP/1.1\r\nHost: front\r\nX-Empty:\r\nX-Space: \t v w \t\r\nContent-Length: 3\r\n\r\n";

    private final Fields fields = new Fields();
    private final HeadParser parser = new HeadParser(HeadParser.Kind.REQUEST, fields, 65536, 200);

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void fieldsAreTrimmedAndTheBodyIsLeft() {
        ByteBuf in = bytes(REQUEST + "abc");
        assertThat(parser.feed(in)).isEqualTo(HeadParser.Result.DONE);
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("abc");
        check();
        in.release();
    }

    @Test
    void aHeadMayComeInPiecesOfAnySize() {
        for (int cut = 1; cut < REQUEST.length(); cut++) {
            parser.reset();
            HeadParser.Result result = HeadParser.Result.MORE;
            for (int at = 0; at < REQUEST.length(); at += cut) {
                assertThat(result).as("cut %d at %d", cut, at).isEqualTo(HeadParser.Result.MORE);
                ByteBuf in = bytes(REQUEST.substring(at, Math.min(REQUEST.length(), at + cut)));
                result = parser.feed(in);
                assertThat(in.isReadable()).isFalse();
                in.release();
            }
            assertThat(result).isEqualTo(HeadParser.Result.DONE);
            check();
        }
    }

    private void check() {
        assertThat(fields.text(parser.methodStart, parser.methodEnd)).isEqualTo("POST");
        assertThat(fields.text(parser.targetStart, parser.targetEnd)).isEqualTo("/a/b?c=d");
        assertThat(fields.count()).isEqualTo(4);
        assertThat(fields.get("x-empty")).isEmpty();
        assertThat(fields.has("X-EMPTY")).isTrue();
        assertThat(fields.get("x-space")).isEqualTo("v w");
        assertThat(fields.get("content-length")).isEqualTo("3");
    }

    @Test
    void editsAreAnOverlayAndTheRestIsCopied() {
        ByteBuf in = bytes("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC:   3\r\nB: 4\r\n\r\n");
        parser.feed(in);
        in.release();
        fields.remove("b");
        fields.set("D", "5");
        fields.join("a", "9");
        ByteBuf out = Unpooled.buffer();
        fields.writeTo(out);
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("C:   3\r\nd: 5\r\na: 1,9\r\n");
        assertThat(out.readableBytes()).isLessThanOrEqualTo(fields.size());
        out.release();
    }

    @Test
    void anEditCannotEndItsLine() {
        ByteBuf in = bytes("GET / HTTP/1.1\r\nA: 1\r\n\r\n");
        parser.feed(in);
        in.release();
        fields.set("x", "a\r\nEvil: yes\r\n\r\nGET /");
        ByteBuf out = Unpooled.buffer();
        fields.writeTo(out);
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("A: 1\r\nx: a  Evil: yes    GET /\r\n");
        out.release();
    }

    @Test
    void responsesMayLackAReason() {
        HeadParser response = new HeadParser(HeadParser.Kind.RESPONSE, fields, 65536, 200);
        for (String line : new String[] {"HTTP/1.1 200 OK", "HTTP/1.0 200 ", "HTTP/1.1 200", "HTTP/1.1 200 Very \u00e4 good"}) {
            response.reset();
            ByteBuf in = bytes(line + "\r\n\r\n");
            assertThat(response.feed(in)).as(line).isEqualTo(HeadParser.Result.DONE);
            assertThat(response.status).isEqualTo(200);
            in.release();
        }
        for (String line : new String[] {"HTTP/1.1 99 OK", "HTTP/2.0 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 2000 OK", "ICY 200 OK", "HTTP/1.1 200 O\u0001K"}) {
            response.reset();
            ByteBuf in = bytes(line + "\r\n\r\n");
            assertThat(response.feed(in)).as(line).isEqualTo(HeadParser.Result.BAD);
            in.release();
        }
    }
}
