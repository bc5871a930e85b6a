package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An HTTP/2 client that puts any field on the wire in any order: literals without an index, nothing checked. */
final class RawHttp2 implements AutoCloseable {
    record Field(String name, String value) {}

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int FRAME = 16384;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    /** What has not been sent: with a pause between them a head could be answered before the body that makes it wrong has come. */
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private final DefaultHttp2HeadersDecoder heads = new DefaultHttp2HeadersDecoder(false);

    RawHttp2(InetSocketAddress to) throws IOException {
        socket.connect(to, 30_000);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
        held.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    void headers(int stream, List<Field> fields, boolean end) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (Field field : fields) {
            block.write(0);
            text(block, field.name);
            text(block, field.value);
        }
        byte[] all = block.toByteArray();
        for (int at = 0, type = HEADERS; at < all.length || type == HEADERS; type = CONTINUATION) {
            int next = Math.min(all.length, at + FRAME);
            frame(type, (next == all.length ? END_HEADERS : 0) | (end && type == HEADERS ? END_STREAM : 0), stream, java.util.Arrays.copyOfRange(all, at, next));
            at = next;
        }
    }

    void data(int stream, String text, boolean end) {
        frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int n = bytes.length;
        if (n < 127) {
            out.write(n);
        } else {
            out.write(127);
            for (n -= 127; n >= 128; n >>>= 7) out.write(n & 127 | 128);
            out.write(n);
        }
        out.writeBytes(bytes);
    }

    private void frame(int type, int flags, int stream, byte[] payload) {
        ByteBuf head = Unpooled.buffer(9 + payload.length);
        head.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream).writeBytes(payload);
        held.write(head.array(), 0, head.readableBytes());
    }

    private void send() throws IOException {
        byte[] all = held.toByteArray();
        held.reset();
        socket.getOutputStream().write(all);
    }

    /** Sends all frames so far in one piece, and reads what became of a stream: its status, {@code reset} (with the code unless it is PROTOCOL_ERROR), or {@code goaway} when the
     *  connection ended first. */
    String outcome(int stream) throws Exception {
        try {
            send();
        } catch (java.net.SocketException ended) {
            // what it said before is still there
        }
        while (true) {
            int length;
            int type;
            int id;
            byte[] payload;
            try {
                int first = in.readInt();
                length = first >>> 8;
                type = first & 0xff;
                in.readByte();
                id = in.readInt() & Integer.MAX_VALUE;
                payload = in.readNBytes(length);
            } catch (EOFException | java.net.SocketException ended) {
                return "goaway";
            }
            if (type == GOAWAY && Unpooled.wrappedBuffer(payload).getInt(4) != 0) return "goaway";
            if (type == HEADERS) {
                String status = heads.decodeHeaders(id, Unpooled.wrappedBuffer(payload)).status().toString();
                if (id == stream) return status;
            }
            if (type == RST_STREAM && id == stream) {
                int code = Unpooled.wrappedBuffer(payload).getInt(0);
                return code == 1 ? "reset" : "reset " + code;
            }
        }
    }

    @Override public void close() throws IOException {
        socket.close();
    }
}
