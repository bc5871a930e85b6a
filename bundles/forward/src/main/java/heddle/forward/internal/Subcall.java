package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Answer;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Outcome;
import heddle.api.policy.Subrequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request that a filter makes: its answer, whole, or status 0 and why there is none. Event loop only. */
final class Subcall extends SideRequest {
    private static final int MAX_ANSWER = 1024 * 1024;
    private final byte[] body;
    private final CompletableFuture<Answer> answer;
    private final List<FilterAction.Field> headers = new ArrayList<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    Subcall(ClientConnection connection, BackendPlan backend, Subrequest made, CompletableFuture<Answer> answer) {
        super(connection, backend, head(connection, made));
        this.body = made.body();
        this.answer = answer;
    }

    private static ReceivedRequest head(ClientConnection connection, Subrequest made) {
        ReceivedRequest request = ReceivedRequest.made(made.method(), made.target(), made.authority(), connection.client);
        for (FilterAction.Field field : made.headers()) {
            String name = Fields.lower(field.name());
            if (name.equals("te")) request.wantsTrailers = true;
            if (name.equals("host") || Known.framing(name) || !ReceivedRequest.isToken(name)) continue;
            if (name.equals("content-type")) request.grpc = field.value().startsWith("application/grpc");
            request.fields.append(name, field.value());
        }
        request.body = made.body().length;
        request.fields.append("content-length", Integer.toString(made.body().length));
        request.http2 = true;
        return request;
    }

    @Override void begun(UpstreamStream to) {
        to.send(request, body.length == 0);
        if (body.length > 0) {
            ByteBuf bytes = Unpooled.wrappedBuffer(body);
            to.data(bytes, body.length);
            bytes.release();
            to.end(null);
        }
        to.flush();
    }

    @Override public void head(ReceivedResponse head, boolean end) {
        super.head(head, end);
        head.fields.each((name, value) -> headers.add(new FilterAction.Field(name, value)));
    }

    @Override public void data(ByteBuf source, int length) {
        if (over() || received.size() + length > MAX_ANSWER) {
            source.skipBytes(length);
            finish("the answer is too large", Outcome.BROKEN_AFTER_HEAD);
            return;
        }
        byte[] bytes = new byte[length];
        source.readBytes(bytes);
        received.writeBytes(bytes);
    }

    @Override public void ended(@Nullable Fields trailers) {
        if (trailers != null) trailers.each((name, value) -> headers.add(new FilterAction.Field(name, value)));
        super.ended(trailers);
    }

    @Override void done(@Nullable String fault) {
        answer.complete(fault == null ? new Answer(status(), headers, received.toByteArray(), "") : new Answer(0, List.of(), new byte[0], fault));
    }
}
