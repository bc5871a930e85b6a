package heddle.forward.internal;

import heddle.api.plan.Failure;
import heddle.api.policy.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/1.1 connection: reads one request after the other, each when the one before has been answered, so that pipelined
 *  ones wait in a bounded buffer and are answered in order. Its event loop only. */
final class Http1Pipeline extends ChannelInboundHandlerAdapter implements ClientConnection.Speaker {
    private enum At { HEAD, BODY, ANSWER, DISCARD, CLOSING }

    /** Pipelined bytes beyond which no more is read until an answer has gone out. */
    private static final int MAX_AHEAD = 64 * 1024;

    private final ClientConnection connection;
    private final Loop loop;
    private final Inbox in;
    private final Outgoing out;
    private final Settings settings;
    private final ConnectionTokens tokens = new ConnectionTokens();
    private final BodyReader body;
    private final Patience patience;
    private final Http1End end;
    private ReceivedRequest request = new ReceivedRequest();
    private HeadParser parser;
    private @Nullable Http1Turn turn;
    private At at = At.HEAD;
    private boolean advancing;
    private boolean reading;
    private boolean flushWanted;
    private boolean close;
    /** What comes are the bytes of a WebSocket; the client has closed its side of it. */
    private boolean tunnel;
    private boolean clientEnded;
    private boolean draining;
    private long headStart;

    Http1Pipeline(ClientConnection connection) {
        this.connection = connection;
        this.loop = connection.loop;
        this.settings = loop.settings();
        this.in = new Inbox(connection.channel);
        this.out = new Outgoing(connection.channel);
        this.body = new BodyReader(settings.maxHeaderBytes(), settings.maxHeaders());
        this.parser = parser();
        this.draining = loop.draining();
        this.patience = new Patience(loop, this::overdue);
        this.end = new Http1End(connection.channel, out, patience);
        patience.exactly(settings.headerNanos());
    }

    private HeadParser parser() {
        return new HeadParser(HeadParser.Kind.REQUEST, request.fields, settings.maxHeaderBytes(), settings.maxHeaders());
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        in.add((ByteBuf) message);
        advance();
    }

    @Override public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        Http1Turn now = turn;
        if (now != null) now.exchange.flushRequest();
        if (flushWanted) {
            flushWanted = false;
            out.flush();
        }
    }

    /** Goes as far as what has come allows. */
    void advance() {
        if (advancing) return;
        advancing = true;
        try {
            while (step()) { }
        } finally {
            advancing = false;
        }
        in.trim();
        in.paused(at == At.CLOSING ? false : in.size() > 0 && (at == At.BODY || in.size() >= MAX_AHEAD));
    }

    private boolean step() {
        ByteBuf bytes = in.buffer();
        return switch (at) {
            case HEAD -> bytes != null && head(bytes);
            case BODY -> (bytes != null || body.ended() || clientEnded) && body(bytes == null ? Unpooled.EMPTY_BUFFER : bytes);
            case DISCARD -> bytes != null && discard(bytes);
            case CLOSING -> {
                if (bytes != null) end.drop(bytes);
                yield false;
            }
            case ANSWER -> false;
        };
    }

    private boolean head(ByteBuf bytes) {
        boolean first = !parser.begun();
        if (first) headStart = System.nanoTime();
        HeadParser.Result result = parser.feed(bytes);
        if (result == HeadParser.Result.MORE) {
            if (first) patience.exactly(settings.headerNanos());            // most heads come whole and need no time limit
            return false;
        }
        if (parser.fault == HeadParser.Fault.NOT_HTTP) {             // RFC 9113 §3.4: nobody there would understand an answer
            loop.counters.refused++;
            finish();
            return false;
        }
        Failure failure = result == HeadParser.Result.BAD ? Http1Requests.failure(parser.fault)
                : Http1Requests.read(parser, request, tokens, connection.client);
        if (failure != null) {
            refuse(failure);
            return false;
        }
        patience.ours();
        body.start(request.body == Framing.NONE ? 0 : request.body);
        at = body.ended() ? At.ANSWER : At.BODY;
        if (at == At.BODY) patience.within(settings.bodyNanos());
        Http1Turn next = new Http1Turn(this, connection, out, request, headStart, !request.keepAlive || draining);
        turn = next;
        next.exchange.start();
        return true;
    }

    private boolean body(ByteBuf bytes) {
        Http1Turn now = turn;
        if (now == null || !now.exchange.wantsBody()) {
            patience.ours();
            return false;
        }
        int n = body.next(bytes);
        if (n > 0) {
            now.bodyBegun = true;
            body.took(n);
            now.exchange.body(bytes, n);
            if (!bytes.isReadable() && !tunnel) patience.within(settings.bodyNanos());
            return true;
        }
        if (n == 0) {
            if (!tunnel) patience.within(settings.bodyNanos());
            else if (clientEnded) return tunnelEnd(now);
            return false;
        }
        patience.ours();
        if (n == BodyReader.BAD) {
            malformedBody(now);
            return false;
        }
        at = At.ANSWER;
        now.exchange.bodyEnd(body.trailers().count() > 0 && request.body == Framing.CHUNKED ? body.trailers() : null);
        return true;
    }

    /** The exchange carries bytes from now on, whatever they are. */
    void tunnel() {
        tunnel = true;
        at = At.BODY;
        patience.ours();
        body.start(Framing.UNTIL_CLOSE);
    }

    private boolean tunnelEnd(Http1Turn now) {
        at = At.ANSWER;
        now.exchange.bodyEnd(null);
        now.exchange.flushRequest();
        return false;
    }

    private void malformedBody(Http1Turn now) {
        loop.counters.refused++;
        if (now.headWritten()) {
            at = At.CLOSING;
            now.exchange.clientGone();
            breakOff();
        } else {
            now.closeAfter();
            now.exchange.answer(Http1Requests.bad("malformed chunked body"), Outcome.ANSWERED);
        }
    }

    private void refuse(Failure failure) {
        loop.counters.refused(failure);
        Http1Turn.writeRefusal(out, failure);
        linger();
        flush();
    }

    /** The turn's answer has been written, or it was given up. */
    void over(Http1Turn ended, boolean mustClose, boolean headLent) {
        if (turn != ended) return;
        turn = null;
        if (headLent) {
            request = new ReceivedRequest();
            parser = parser();
        }
        close |= mustClose;
        if (at == At.CLOSING) return;
        if (!body.ended()) {
            at = At.DISCARD;
            end.discardRest();
        } else {
            next();
        }
        if (close) {
            if (at == At.DISCARD || !in.isEmpty()) linger();
            else finish();
            return;
        }
        if (!advancing) advance();
    }

    private void next() {
        parser.reset();
        at = At.HEAD;
        if (draining) patience.exactly(Loop.LAST_REQUEST_NANOS);    // its head was out when the drain began, so nothing told the client
        else patience.within(settings.idleNanos());
    }

    private boolean discard(ByteBuf bytes) {
        int n = body.next(bytes);
        if (n > 0) {
            body.took(n);
            if (end.discard(bytes, n)) return true;
            finish();
            return false;
        }
        if (n == 0) return false;
        if (n == BodyReader.BAD) finish();
        else next();
        return n != BodyReader.BAD;
    }

    private void finish() {
        at = At.CLOSING;
        end.finish();
    }

    private void linger() {
        at = At.CLOSING;
        end.linger();
    }

    boolean reading() {
        return reading;
    }

    void flush() {
        if (reading) flushWanted = true;
        else out.flush();
    }

    /** The response could not be completed. */
    void breakOff() {
        at = At.CLOSING;
        end.reset();
    }

    /** Turns the connection over to a relay; what the client sent ahead goes with it. */
    @Nullable ByteBuf giveAway() {
        at = At.CLOSING;
        patience.end();
        out.flush();
        connection.channel.pipeline().remove(this);
        return in.take();
    }

    @Override public void drain() {
        draining = true;
        Http1Turn now = turn;
        if (now != null && !now.headWritten()) now.closeAfter();
        else if (now == null && at == At.HEAD && !parser.begun()) patience.exactly(Loop.LAST_REQUEST_NANOS);
    }

    @Override public boolean owes() {
        Http1Turn now = turn;
        return now == null || !now.exchange.response.headSent();
    }

    @Override public void exchanges(Consumer<HttpExchange> visit) {
        Http1Turn now = turn;
        if (now != null) visit.accept(now.exchange);
    }

    @Override public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && tunnel) {
            clientEnded = true;
            advance();
        } else if (event instanceof ChannelInputShutdownEvent) {
            at = At.CLOSING;
            Http1Turn now = turn;
            if (now != null) now.exchange.clientGone();
            out.finish();
        }
    }

    @Override public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Http1Turn now = turn;
        if (now != null && ctx.channel().isWritable()) now.exchange.clientWritable();
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof java.io.IOException)) Faults.note("HTTP/1.1 connection", cause);
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        at = At.CLOSING;
        patience.end();
        Http1Turn now = turn;
        if (now != null) now.exchange.clientGone();
        in.release();
        out.discard();
    }

    private void overdue() {
        switch (at) {
            case HEAD -> {
                if (parser.begun()) {
                    loop.counters.slowClients++;
                    refuse(new Failure(408, 4, "request-timeout", "the request did not come in time"));
                } else {
                    finish();
                }
            }
            case BODY -> {
                loop.counters.slowClients++;
                Http1Turn open = turn;
                if (open != null && !open.headWritten()) {
                    open.closeAfter();
                    open.exchange.answer(new Failure(408, 4, "request-timeout", "the request body did not come in time"), Outcome.CLIENT_GONE);
                } else {
                    breakOff();
                }
            }
            case DISCARD -> finish();
            case CLOSING -> connection.channel.close();
            case ANSWER -> { }
        }
    }
}
