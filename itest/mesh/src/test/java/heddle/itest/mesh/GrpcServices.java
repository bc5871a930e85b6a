package heddle.itest.mesh;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A gRPC server of grpc-java with a service of strings, {@code test.Echo}, that has a method of each kind. */
final class GrpcServices implements AutoCloseable {
    static final Metadata.Key<String> ASK = Metadata.Key.of("x-ask", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> HEADER = Metadata.Key.of("x-header", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> TRAILER = Metadata.Key.of("x-trailer", Metadata.ASCII_STRING_MARSHALLER);
    private static final MethodDescriptor.Marshaller<String> TEXT = new MethodDescriptor.Marshaller<>() {
        @Override public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };
    static final MethodDescriptor<String, String> UNARY = method("test.Echo", "Unary", MethodDescriptor.MethodType.UNARY);
    static final MethodDescriptor<String, String> FAIL = method("test.Echo", "Fail", MethodDescriptor.MethodType.UNARY);
    static final MethodDescriptor<String, String> HANG = method("test.Echo", "Hang", MethodDescriptor.MethodType.UNARY);
    static final MethodDescriptor<String, String> DOWN = method("test.Echo", "Down", MethodDescriptor.MethodType.SERVER_STREAMING);
    static final MethodDescriptor<String, String> UP = method("test.Echo", "Up", MethodDescriptor.MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<String, String> BOTH = method("test.Echo", "Both", MethodDescriptor.MethodType.BIDI_STREAMING);

    private final String name;
    private final Server server;
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger hanging = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();

    GrpcServices(String name, String address, int port) throws IOException {
        this.name = name;
        ServerServiceDefinition service = ServerServiceDefinition.builder("test.Echo")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall(this::unary))
                .addMethod(FAIL, ServerCalls.asyncUnaryCall(GrpcServices::fail))
                .addMethod(HANG, ServerCalls.asyncUnaryCall(this::hang))
                .addMethod(DOWN, ServerCalls.asyncServerStreamingCall(GrpcServices::down))
                .addMethod(UP, ServerCalls.asyncClientStreamingCall(GrpcServices::up))
                .addMethod(BOTH, ServerCalls.asyncBidiStreamingCall(GrpcServices::both)).build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(address, port)).addService(ServerInterceptors.intercept(service, new Mirrors())).build().start();
    }

    static MethodDescriptor<String, String> method(String service, String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<String, String>newBuilder(TEXT, TEXT).setType(type).setFullMethodName(MethodDescriptor.generateFullMethodName(service, name)).build();
    }

    private void unary(String request, StreamObserver<String> response) {
        calls.incrementAndGet();
        response.onNext(name + ":" + request);
        response.onCompleted();
    }

    /** The request is the code's name. */
    private static void fail(String request, StreamObserver<String> response) {
        response.onError(Status.fromCode(Status.Code.valueOf(request)).withDescription("you asked for " + request + ": 100 %").asRuntimeException());
    }

    private void hang(String request, StreamObserver<String> response) {
        Context.current().addListener(context -> cancelled.incrementAndGet(), Runnable::run);
        hanging.incrementAndGet();
    }

    private static void down(String request, StreamObserver<String> response) {
        for (int i = 0; i < Integer.parseInt(request); i++) response.onNext(Integer.toString(i));
        response.onCompleted();
    }

    private static StreamObserver<String> up(StreamObserver<String> response) {
        return new Each(text -> { }) {
            private int sum;

            @Override public void onNext(String value) {
                sum += Integer.parseInt(value);
            }

            @Override public void onCompleted() {
                response.onNext(Integer.toString(sum));
                response.onCompleted();
            }
        };
    }

    private static StreamObserver<String> both(StreamObserver<String> response) {
        return new Each(text -> response.onNext("re " + text)) {
            @Override public void onCompleted() {
                response.onCompleted();
            }
        };
    }

    private static class Each implements StreamObserver<String> {
        private final java.util.function.Consumer<String> next;

        Each(java.util.function.Consumer<String> next) {
            this.next = next;
        }

        @Override public void onNext(String value) {
            next.accept(value);
        }

        @Override public void onError(Throwable gone) {}

        @Override public void onCompleted() {}
    }

    /** Answers {@code x-ask} in a header and in a trailer. */
    private static final class Mirrors implements ServerInterceptor {
        @Override public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String asked = headers.get(ASK);
            return next.startCall(new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<>(call) {
                @Override public void sendHeaders(Metadata sent) {
                    if (asked != null) sent.put(HEADER, asked);
                    super.sendHeaders(sent);
                }

                @Override public void close(Status status, Metadata trailers) {
                    if (asked != null) trailers.put(TRAILER, asked);
                    super.close(status, trailers);
                }
            }, headers);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
