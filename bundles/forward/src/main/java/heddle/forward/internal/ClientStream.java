package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The client's side of one exchange, as the engine sees it: an HTTP/1.1 connection's turn, or an HTTP/2 stream. Writes are gathered
 *  until {@link #flush}. Event loop only. */
interface ClientStream {
    void informational(ReceivedResponse head);

    /** @param end no data and no trailers follow */
    void head(ReceivedResponse head, boolean end);

    /** Takes {@code length} bytes of the source. */
    void data(ByteBuf source, int length);

    void end(@Nullable Fields trailers);

    /** The response cannot be completed: the message is broken off, never ended cleanly.
     *  @param code the HTTP/2 error code to tell, where the protocol can */
    void breakOff(long code);

    /** The response has become a tunnel of raw bytes with this upstream connection (101). */
    void tunnel(Http1Upstream upstream);

    boolean writable();

    /** The exchange takes the request's body now (again); what is there is given to it and flushed, at once or with the rest of a read. */
    void bodyWanted();

    void flush();

    /** The exchange is over; nothing more is asked of it. Its request head may be reused unless {@code headLent}. */
    void over(boolean headLent);

    /** Makes the client come again on a new connection: its next connection is treated otherwise. */
    void lastOfConnection();
}
