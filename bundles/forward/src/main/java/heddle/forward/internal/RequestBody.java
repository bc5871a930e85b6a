package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's body on its way: held while filters want it whole, kept for a retry within a limit, passed to the try and to mirrors.
 *  Event loop only. */
final class RequestBody {
    private final ClientConnection connection;
    private final ReceivedRequest request;
    private @Nullable HeldBody held;
    private @Nullable List<Mirror> mirrors;
    private @Nullable Fields trailers;
    private boolean gathering;
    private boolean ended;

    RequestBody(ClientConnection connection, ReceivedRequest request) {
        this.connection = connection;
        this.request = request;
        this.ended = !present();
    }

    /** Whether the request has a body that is not empty. */
    boolean present() {
        return request.body != Framing.NONE && request.body != 0;
    }

    /** Whether the request has come to its end. */
    boolean ended() {
        return ended;
    }

    /** Holds what comes until {@link #gathered}, at most {@code bytes}. */
    void gather(int bytes) {
        gathering = true;
        held = new HeldBody(connection, bytes);
    }

    boolean gathering() {
        return gathering;
    }

    /** Takes {@code length} bytes of the source. False when more is being gathered than was to be held. */
    boolean data(ByteBuf source, int length, @Nullable Attempt to) {
        HeldBody holding = held;
        if (gathering && holding != null) return holding.hold(source, length);
        if (holding != null) holding.copy(source, length);
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.copy(source, source.readerIndex(), length);
        if (to != null) to.sendData(source, length);
        else source.skipBytes(length);
        return true;
    }

    void end(@Nullable Fields last, @Nullable Attempt to) {
        ended = true;
        trailers = last;
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.end(last);
        if (!gathering && to != null) to.sendEnd(last);
    }

    /** Ends the gathering: what was held so far. */
    @Nullable HeldBody gathered() {
        gathering = false;
        return held;
    }

    /** Begins a copy of the request; what of its body is here already goes along, the rest as it comes. */
    void mirror(BackendPlan to) {
        Mirror mirror = new Mirror(connection, to, request.copy(), ended);
        if (mirrors == null) mirrors = new ArrayList<>(1);
        mirrors.add(mirror);
        HeldBody body = held;
        if (body != null) body.copyTo(mirror);
        mirror.begin();
    }

    /** Keeps what is sent for another try. @param first nothing was sent yet */
    void keep(boolean first, int bytes) {
        if (!present()) return;
        HeldBody holding = held;
        if (holding == null && first) held = holding = new HeldBody(connection, bytes);
        if (holding != null) holding.keep();
    }

    /** Sends the head and everything of the body that is here. */
    void sendTo(Attempt to) {
        to.send(request, !present());
        HeldBody body = held;
        if (body != null) {
            body.replay(to);
            if (!body.keeping()) {
                body.release();
                held = null;
            }
        }
        if (ended && present()) to.sendEnd(trailers);
    }

    /** Everything that was sent can be sent again. */
    boolean replayable() {
        HeldBody body = held;
        return body != null && body.keeping() || !present();
    }

    boolean untouched(Attempt by) {
        return by.sentBytes() == 0 && held == null;
    }

    /** The exchange is over. */
    void over() {
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.requestOver();
        HeldBody body = held;
        if (body != null) body.release();
    }
}
