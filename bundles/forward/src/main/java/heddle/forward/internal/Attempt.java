package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.Sessions;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One try of an exchange at one endpoint: picks it, takes a stream to it, and passes what comes back to the exchange. Event loop only. */
final class Attempt implements UpstreamStream.Listener, PickContext {
    private final HttpExchange exchange;
    private final BackendPlan backend;
    private final List<Endpoint> ready;
    private @Nullable Endpoint endpoint;
    private @Nullable UpstreamStream stream;
    private boolean cancelled;
    private boolean reported;
    private boolean reused;
    private boolean headSeen;
    private boolean fresh;
    private boolean refused;
    private long sentNanos;
    private long sentBytes;
    private int status;
    /** The balancer chose the endpoint, not a session. */
    private boolean balanced;
    /** When the try must be over; 0 = no limit. */
    long dueNanos;

    Attempt(HttpExchange exchange, BackendPlan backend, List<Endpoint> ready) {
        this.exchange = exchange;
        this.backend = backend;
        this.ready = ready;
    }

    /** @param onNew   not on a kept connection
     *  @param session says which endpoint it is to be */
    void start(boolean onNew, Optional<Sessions.Session> session) {
        fresh = onNew;
        balanced = session.isEmpty();
        Endpoint picked = session.isPresent() ? session.get().endpoint() : Faults.pick(backend, this);
        if (picked == null) {
            exchange.answer(Faults.BALANCER, Outcome.ANSWERED);
            return;
        }
        endpoint = picked;
        sentNanos = System.nanoTime();
        exchange.loop.pool(exchange.connection.place, backend, picked).acquire(this, fresh);
    }

    /** The endpoint said that it did not look at the request. */
    boolean refused() {
        return refused;
    }

    BackendPlan backend() {
        return backend;
    }

    Endpoint endpoint() {
        Endpoint picked = endpoint;
        return picked == null ? ready.getFirst() : picked;
    }

    // toward the endpoint

    void send(ReceivedRequest request, boolean end) {
        UpstreamStream to = stream;
        if (to != null) to.send(request, end);
    }

    void sendData(ByteBuf source, int length) {
        UpstreamStream to = stream;
        sentBytes += length;
        if (to != null) to.data(source, length);
        else source.skipBytes(length);
    }

    void sendEnd(@Nullable Fields trailers) {
        UpstreamStream to = stream;
        if (to == null) return;
        to.end(trailers);
    }

    void flush() {
        UpstreamStream to = stream;
        if (to != null) to.flush();
    }

    boolean writable() {
        UpstreamStream to = stream;
        return to != null && to.writable();
    }

    void read(boolean wanted) {
        UpstreamStream from = stream;
        if (from != null) from.read(wanted);
    }

    long sentBytes() {
        return sentBytes;
    }

    void cancel() {
        cancelled = true;
        UpstreamStream open = stream;
        stream = null;
        if (open != null) open.cancel();
    }

    /** Tells the balancer, once. */
    void report(Outcome outcome) {
        Endpoint picked = endpoint;
        if (reported || picked == null) return;
        reported = true;
        Faults.tellEnd(backend, picked, balanced, outcome, status, System.nanoTime() - sentNanos);
    }

    // from the endpoint

    @Override public void connected(UpstreamStream now, boolean wasUsed) {
        if (cancelled) {
            now.cancel();
            return;
        }
        stream = now;
        reused = wasUsed;
        exchange.tries.connected(this);
    }

    @Override public void connectFailed(Throwable cause) {
        if (cancelled) return;
        report(Outcome.CONNECT_FAILED);
        if (!exchange.retried(this, false, 0, 0)) exchange.answer(Failure.CONNECT, Outcome.CONNECT_FAILED);
    }

    @Override public void informational(ReceivedResponse head) {
        if (!cancelled) exchange.response.informational(head);
    }

    @Override public void head(ReceivedResponse head, boolean end) {
        if (cancelled) return;
        headSeen = true;
        status = head.status;
        int grpc = exchange.request.grpc ? GrpcStatus.of(head) : 0;
        if (grpc != 0) status = GrpcStatus.http(grpc);
        if (status >= 400 && exchange.retried(this, false, head.status, grpc)) {
            report(Outcome.COMPLETED);
            return;
        }
        exchange.response.head(head, end);
    }

    @Override public void data(ByteBuf source, int length) {
        if (cancelled) source.skipBytes(length);
        else exchange.response.data(source, length);
    }

    @Override public void ended(@Nullable Fields trailers) {
        stream = null;
        if (cancelled) return;
        exchange.response.end(trailers);
    }

    @Override public void broken(boolean untouched, long code) {
        stream = null;
        if (cancelled) return;
        if (headSeen) {
            report(Outcome.BROKEN_AFTER_HEAD);
            exchange.response.broken(Outcome.BROKEN_AFTER_HEAD, code);
            return;
        }
        refused = untouched && code == UpstreamStream.REFUSED;
        if (exchange.retried(this, untouched && !fresh && (reused || refused), 0, 0)) {
            report(Outcome.BROKEN_BEFORE_HEAD);
            return;
        }
        report(Outcome.BROKEN_BEFORE_HEAD);
        exchange.answer(Failure.BROKEN, Outcome.BROKEN_BEFORE_HEAD);
    }

    @Override public void upgraded(Http1Upstream connection) {
        stream = null;
        if (cancelled) connection.channel.close();
        else exchange.response.upgraded(connection);
    }

    @Override public void readComplete() {
        exchange.stream.flush();
    }

    @Override public void writableAgain() {
        if (!cancelled && !exchange.done()) exchange.stream.bodyWanted();
    }

    // what the balancer may look at

    @Override public List<Endpoint> ready() {
        return ready;
    }

    @Override public Client client() {
        return exchange.connection.client;
    }

    @Override public String source() {
        return exchange.connection.origin.source().getAddress().getHostAddress();
    }

    @Override public Optional<RequestHead> head() {
        return Optional.of(exchange.request);
    }

    @Override public List<Endpoint> tried() {
        return exchange.tries.tried();
    }
}
