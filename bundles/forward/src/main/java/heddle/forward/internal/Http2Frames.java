package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/** The frames of a connection, on either side, as far as we look at them. Control frames are counted: more in a second than the limit is
 *  a flood and ends the connection with ENHANCE_YOUR_CALM. */
final class Http2Frames extends Http2FrameAdapter {
    /** Told in the order of the frames. */
    interface User {
        void headers(int stream, Http2Headers headers, boolean end) throws Http2Exception;

        /** Returns how much of data and padding is consumed already. */
        int data(int stream, ByteBuf data, int padding, boolean end) throws Http2Exception;

        default void pingAck(long data) {}

        default void reset(int stream, long code) {}

        default void settings(Http2Settings settings) {}
    }

    private static final User NOBODY = new User() {
        @Override public void headers(int stream, Http2Headers headers, boolean end) {}

        @Override public int data(int stream, ByteBuf data, int padding, boolean end) {
            return data.readableBytes() + padding;
        }
    };

    User user = NOBODY;
    private final int maxControlFrames;
    private long second;
    private int control;

    Http2Frames(int maxControlFrames) {
        this.maxControlFrames = maxControlFrames;
    }

    private void countControl() throws Http2Exception {
        long now = System.nanoTime() / 1_000_000_000L;
        if (now != second) {
            second = now;
            control = 0;
        }
        if (++control > maxControlFrames) throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "more than %d control frames in a second", maxControlFrames);
    }

    @Override public int onDataRead(ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean end) throws Http2Exception {
        return user.data(stream, data, padding, end);
    }

    @Override public void onHeadersRead(ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean end) throws Http2Exception {
        user.headers(stream, headers, end);
    }

    @Override public void onHeadersRead(ChannelHandlerContext ctx, int stream, Http2Headers headers, int dependency, short weight,
                                        boolean exclusive, int padding, boolean end) throws Http2Exception {
        user.headers(stream, headers, end);
    }

    @Override public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long code) {
        user.reset(stream, code);
    }

    @Override public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        countControl();
        user.settings(settings);
    }

    @Override public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        countControl();
    }

    @Override public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        user.pingAck(data);
    }

    @Override public void onPriorityRead(ChannelHandlerContext ctx, int stream, int dependency, short weight, boolean exclusive) throws Http2Exception {
        countControl();
    }

    @Override public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int stream, Http2Flags flags, ByteBuf payload) {
        // RFC 9113 §4.1: ignored; the rate of reads bounds them
    }
}
