package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One request's place on an upstream connection. Writes are gathered until {@link #flush}. Event loop only. After the response's end,
 *  a break or {@link #cancel} it must not be used. */
interface UpstreamStream {
    /** @param end no body follows */
    void send(ReceivedRequest request, boolean end);

    /** Takes {@code length} bytes of the source. */
    void data(ByteBuf source, int length);

    void end(@Nullable Fields trailers);

    void flush();

    /** Room for more of the request's body. */
    boolean writable();

    /** Whether response data is wanted now: back pressure. */
    void read(boolean wanted);

    /** The exchange needs no more of it. */
    void cancel();

    /** The HTTP/2 error code INTERNAL_ERROR. */
    long INTERNAL = 2;
    /** The HTTP/2 error code CANCEL, which is what a reset of TCP is in a tunnel (RFC 8441 §5). */
    long CANCELLED = 8;
    /** The HTTP/2 error code REFUSED_STREAM: the request was not processed and may be sent again whatever its method. */
    long REFUSED = 7;

    /** What the stream tells its user; after {@code ended} or {@code broken} nothing more. */
    interface Listener {
        /** @param reused the connection has carried a request before, so that it may have been closed meanwhile */
        void connected(UpstreamStream stream, boolean reused);

        void connectFailed(Throwable cause);

        void informational(ReceivedResponse head);

        void head(ReceivedResponse head, boolean end);

        /** Takes {@code length} bytes of the source. */
        void data(ByteBuf source, int length);

        void ended(@Nullable Fields trailers);

        /** @param untouched not one byte of a response had come
         *  @param code      the HTTP/2 error code of the endpoint, {@link #REFUSED} when it is known that it did not look at the
         *                   request, {@link #INTERNAL} where the protocol has no code */
        void broken(boolean untouched, long code);

        /** A 101 has come for a request that asked for it; its head was told before. */
        void upgraded(Http1Upstream connection);

        /** All that has come for now was told. */
        void readComplete();

        void writableAgain();
    }
}
