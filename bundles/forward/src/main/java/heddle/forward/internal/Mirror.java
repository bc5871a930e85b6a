package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Outcome;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A copy of a request to one endpoint, whose answer nobody reads (SPEC.md F10). The request never waits for it: a copy that is more than
 *  {@link #MAX_BEHIND} behind is cut off and counted. Event loop only. */
final class Mirror extends SideRequest {
    static final int MAX_BEHIND = 1024 * 1024;
    private static final long LIMIT = 60_000_000_000L;
    private @Nullable ByteBuf behind;
    private @Nullable Fields trailers;
    private boolean ended;
    private boolean endSent;

    Mirror(ClientConnection connection, BackendPlan backend, ReceivedRequest copy, boolean complete) {
        super(connection, backend, copy);
        this.ended = complete;
        loop.counters.mirrored++;
    }

    void begin() {
        begin(false, LIMIT);
    }

    /** Copies {@code length} bytes and leaves the source as it is. */
    void copy(ByteBuf source, int from, int length) {
        if (over() || length == 0) return;
        ByteBuf now = behind;
        int had = now == null ? 0 : now.readableBytes();
        if (had + length > MAX_BEHIND) {
            loop.counters.mirrorsCut++;
            finish("too far behind", Outcome.CLIENT_GONE);
            return;
        }
        if (now == null || now.writableBytes() < length) {
            ByteBuf more = source.alloc().directBuffer(Math.max(4096, 2 * (had + length)));
            if (now != null) {
                more.writeBytes(now);
                now.release();
            }
            behind = now = more;
        }
        now.writeBytes(source, from, length);
        go();
    }

    void end(@Nullable Fields last) {
        ended = true;
        trailers = last;
        go();
    }

    /** The request ends without its end having come. */
    void requestOver() {
        if (!ended) finish("the request was broken off", Outcome.CLIENT_GONE);
    }

    @Override void begun(UpstreamStream to) {
        to.send(request, request.body == Framing.NONE || request.body == 0);
        go();
        to.flush();
    }

    private void go() {
        UpstreamStream to = stream();
        if (to == null || over()) return;
        ByteBuf now = behind;
        if (now != null && to.writable()) {
            behind = null;
            to.data(now, now.readableBytes());
            now.release();
            to.flush();
        }
        if (ended && behind == null && !endSent) {
            endSent = true;
            if (request.body != Framing.NONE && request.body != 0) to.end(trailers);
            to.flush();
        }
    }

    @Override public void writableAgain() {
        go();
    }

    @Override void done(@Nullable String fault) {
        ByteBuf rest = behind;
        behind = null;
        if (rest != null) rest.release();
    }
}
