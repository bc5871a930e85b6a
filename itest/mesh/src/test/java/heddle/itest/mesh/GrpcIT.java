package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GRPCRoute through a real daemon with the clients and servers of grpc-java: every kind of call, their ends, and the data plane's own. */
class GrpcIT {
    private static Field field;
    private static GrpcServices one;
    private static GrpcServices two;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws Exception {
        field = Field.onBind();
        one = new GrpcServices("one", field.host(101), 9090);
        two = new GrpcServices("two", field.host(102), 9090);
        field.manifest("services.yaml", Yaml.workload("shop", "one", 101, "calls") + Yaml.workload("shop", "two", 102, "calls") + Yaml.service("shop", "calls", 11, "9000:9090")
                + Yaml.service("shop", "front", 21, "9000:9090").replace("targetPort: 9090}", "targetPort: 9090, appProtocol: grpc}"));
        field.manifest("route.yaml", """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GRPCRoute
                metadata: {name: calls, namespace: shop}
                spec:
                  parentRefs: [{group: "", kind: Service, name: front}]
                  rules:
                  - matches: [{method: {service: test.Echo}}]
                    backendRefs: [{name: calls, port: 9000}]
                  - matches: [{method: {service: test.Lost}}]
                    backendRefs: [{name: missing, port: 9000}]
                """);
        field.start();
        channel = NettyChannelBuilder.forAddress(field.host(21), 9000).usePlaintext().build();
    }

    @AfterAll
    static void end() throws InterruptedException {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        field.close();
        one.close();
        two.close();
    }

    private static String unary(Channel over, MethodDescriptor<String, String> method, CallOptions options, String request) {
        return ClientCalls.blockingUnaryCall(over, method, options, request);
    }

    private static CallOptions soon() {
        return CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** Requests are balanced one by one, though all go over one connection. */
    @Test
    void unaryCallsAreBalancedOneByOne() {
        int before = one.calls.get();
        int beforeTwo = two.calls.get();
        for (int i = 0; i < 40; i++) assertThat(unary(channel, GrpcServices.UNARY, soon(), "hi")).endsWith(":hi");
        assertThat(one.calls.get() - before).isBetween(15, 25);
        assertThat(two.calls.get() - beforeTwo).isBetween(15, 25);
    }

    @Test
    void aServerStreams() {
        Iterator<String> answers = ClientCalls.blockingServerStreamingCall(channel, GrpcServices.DOWN, soon(), "1000");
        List<String> all = new ArrayList<>();
        answers.forEachRemaining(all::add);
        assertThat(all).hasSize(1000).endsWith("999");
    }

    @Test
    void aClientStreams() throws Exception {
        Answers answers = new Answers();
        StreamObserver<String> requests = ClientCalls.asyncClientStreamingCall(channel.newCall(GrpcServices.UP, soon()), answers);
        for (int i = 1; i <= 1000; i++) requests.onNext(Integer.toString(i));
        requests.onCompleted();
        assertThat(answers.next()).isEqualTo("500500");
        assertThat(answers.end()).isEqualTo(Status.Code.OK);
    }

    /** Each answer is there before the next request goes out. */
    @Test
    void bothSidesStreamAtOnce() throws Exception {
        Answers answers = new Answers();
        StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(GrpcServices.BOTH, soon()), answers);
        for (int i = 0; i < 50; i++) {
            requests.onNext("message " + i);
            assertThat(answers.next()).isEqualTo("re message " + i);
        }
        requests.onCompleted();
        assertThat(answers.end()).isEqualTo(Status.Code.OK);
    }

    @Test
    void aDeadlineEndsTheCallOnBothSides() {
        int before = cancelled();
        int hanging = one.hanging.get() + two.hanging.get();
        Await.until("a call that arrives before its deadline", Field.READY, () -> {
            assertThatThrownBy(() -> unary(channel, GrpcServices.HANG, CallOptions.DEFAULT.withDeadlineAfter(3, TimeUnit.SECONDS), "x"))
                    .isInstanceOfSatisfying(StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            return one.hanging.get() + two.hanging.get() > hanging;
        });
        Await.until("the server to hear of it", Field.READY, () -> cancelled() > before);
    }

    @Test
    void aCancellationReachesTheServer() throws Exception {
        int before = cancelled();
        int hanging = one.hanging.get() + two.hanging.get();
        ClientCall<String, String> call = channel.newCall(GrpcServices.HANG, soon());
        Answers answers = new Answers();
        ClientCalls.asyncUnaryCall(call, "x", answers);
        Await.until("the call to arrive", Field.READY, () -> one.hanging.get() + two.hanging.get() > hanging);
        call.cancel("no more", null);
        assertThat(answers.end()).isEqualTo(Status.Code.CANCELLED);
        Await.until("the server to hear of it", Field.READY, () -> cancelled() > before);
        assertThat(unary(channel, GrpcServices.UNARY, soon(), "after")).endsWith(":after");
    }

    private static int cancelled() {
        return one.cancelled.get() + two.cancelled.get();
    }

    @Test
    void metadataAndTrailersGoBothWays() {
        Metadata ask = new Metadata();
        ask.put(GrpcServices.ASK, "42");
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel with = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(ask), MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        unary(with, GrpcServices.UNARY, soon(), "x");
        assertThat(headers.get().get(GrpcServices.HEADER)).isEqualTo("42");
        assertThat(trailers.get().get(GrpcServices.TRAILER)).isEqualTo("42");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
    void aServersStatusComesThroughWithItsMessage(Status.Code code) {
        assertThatThrownBy(() -> unary(channel, GrpcServices.FAIL, soon(), code.name())).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).isEqualTo("you asked for " + code + ": 100 %");
        });
    }

    /** SPEC.md: a GRPCRoute miss. */
    @Test
    void whatMatchesNothingIsUnimplemented() {
        assertOwn(GrpcServices.method("test.Nobody", "Unary", MethodDescriptor.MethodType.UNARY), Status.Code.UNIMPLEMENTED);
    }

    /** SPEC.md B7 */
    @Test
    void anInvalidBackendIsUnavailable() {
        assertOwn(GrpcServices.method("test.Lost", "Unary", MethodDescriptor.MethodType.UNARY), Status.Code.UNAVAILABLE);
    }

    private static void assertOwn(MethodDescriptor<String, String> method, Status.Code code) {
        assertThatThrownBy(() -> unary(channel, method, soon(), "x")).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).isNotBlank();
        });
    }

    /** What comes back, in order; then how it ended. */
    private static final class Answers implements StreamObserver<String> {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status.Code> ends = new LinkedBlockingQueue<>();

        @Override public void onNext(String value) {
            messages.add(value);
        }

        @Override public void onError(Throwable failed) {
            ends.add(Status.fromThrowable(failed).getCode());
        }

        @Override public void onCompleted() {
            ends.add(Status.Code.OK);
        }

        String next() throws InterruptedException {
            return messages.poll(30, TimeUnit.SECONDS);
        }

        Status.Code end() throws InterruptedException {
            return ends.poll(30, TimeUnit.SECONDS);
        }
    }
}
