package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import heddle.api.plan.BackendPlan;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request beside an exchange: a filter's own, or a copy. One endpoint, one try, an end at its deadline, and no word to the exchange
 *  unless a subclass has one. Event loop only. */
abstract class SideRequest extends Deadlines.Entry implements UpstreamStream.Listener, PickContext {
    final Loop loop;
    final ReceivedRequest request;
    private final ClientConnection connection;
    private final BackendPlan backend;
    private final List<Endpoint> ready;
    private final long start = System.nanoTime();
    private @Nullable Endpoint endpoint;
    private @Nullable UpstreamStream stream;
    private int status;
    private boolean over;

    SideRequest(ClientConnection connection, BackendPlan backend, ReceivedRequest request) {
        this.loop = connection.loop;
        this.connection = connection;
        this.backend = backend;
        this.request = request;
        this.ready = backend.ready();
    }

    /** @param http2 speak HTTP/2 even where the backend does not say so */
    void begin(boolean http2, long limitNanos) {
        if (!backend.failure().isNone() || ready.isEmpty()) {
            finish("the backend has no ready endpoint", Outcome.NO_ENDPOINT);
            return;
        }
        Endpoint picked = Faults.pick(backend, this);
        if (picked == null) {
            finish("the load balancer of the backend failed", Outcome.NO_ENDPOINT);
            return;
        }
        endpoint = picked;
        loop.deadlines.set(this, start + limitNanos);
        loop.pool(connection.place, backend, picked, http2 || backend.protocol() == BackendPlan.Protocol.H2C).acquire(this, false);
    }

    boolean over() {
        return over;
    }

    /** Of the answer; 0 = none yet. */
    int status() {
        return status;
    }

    @Nullable UpstreamStream stream() {
        return stream;
    }

    /** Sends the head and what there is of the body. */
    abstract void begun(UpstreamStream to);

    /** @param fault why there is no answer; null when it is complete */
    abstract void done(@Nullable String fault);

    void finish(@Nullable String fault, Outcome outcome) {
        if (over) return;
        over = true;
        loop.deadlines.clear(this);
        UpstreamStream open = stream;
        stream = null;
        if (open != null) open.cancel();
        Endpoint picked = endpoint;
        if (picked != null) Faults.tellEnd(backend, picked, true, outcome, status, System.nanoTime() - start);
        done(fault);
    }

    @Override void expired(long now) {
        finish("the time for the answer ran out", Outcome.TIMED_OUT);
    }

    @Override public void connected(UpstreamStream now, boolean reused) {
        if (over) {
            now.cancel();
            return;
        }
        stream = now;
        begun(now);
    }

    @Override public void connectFailed(Throwable cause) {
        finish("the endpoint cannot be reached", Outcome.CONNECT_FAILED);
    }

    @Override public void informational(ReceivedResponse head) {}

    @Override public void head(ReceivedResponse head, boolean end) {
        status = head.status;
    }

    @Override public void data(ByteBuf source, int length) {
        source.skipBytes(length);
    }

    @Override public void ended(@Nullable Fields trailers) {
        stream = null;
        finish(null, Outcome.COMPLETED);
    }

    @Override public void broken(boolean untouched, long code) {
        stream = null;
        finish("the endpoint broke off", untouched ? Outcome.BROKEN_BEFORE_HEAD : Outcome.BROKEN_AFTER_HEAD);
    }

    @Override public void upgraded(Http1Upstream upstream) {
        stream = null;
        upstream.channel.close();
        finish("the endpoint changed the protocol", Outcome.BROKEN_BEFORE_HEAD);
    }

    @Override public void readComplete() {}

    @Override public void writableAgain() {}

    @Override public List<Endpoint> ready() {
        return ready;
    }

    @Override public Client client() {
        return connection.client;
    }

    @Override public String source() {
        return connection.origin.source().getAddress().getHostAddress();
    }

    @Override public Optional<RequestHead> head() {
        return Optional.of(request);
    }

    @Override public List<Endpoint> tried() {
        return List.of();
    }
}
