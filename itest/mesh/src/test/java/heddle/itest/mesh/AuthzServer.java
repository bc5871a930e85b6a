package heddle.itest.mesh;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Envoy's external authorization service on grpc-java, its messages written by hand (envoy/service/auth/v3/external_auth.proto). Lets in who
 *  brings {@code Bearer good}, and then sets {@code x-user: ann}; others get 401. */
final class AuthzServer implements AutoCloseable {
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /** CheckRequests as they came, as Latin-1 text. */
    final List<String> asked = new CopyOnWriteArrayList<>();
    private final Server server;

    AuthzServer(String address, int port) throws IOException {
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES).setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("envoy.service.auth.v3.Authorization/Check").build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(address, port)).addService(ServerServiceDefinition.builder("envoy.service.auth.v3.Authorization")
                .addMethod(check, ServerCalls.asyncUnaryCall((request, response) -> {
                    String text = new String(request, StandardCharsets.ISO_8859_1);
                    asked.add(text);
                    response.onNext(text.contains("Bearer good") ? allowed() : denied());
                    response.onCompleted();
                })).build()).build().start();
    }

    /** status {}, ok_response { headers { header { key value } } } */
    private static byte[] allowed() {
        byte[] header = join(field(1, text("x-user")), field(2, text("ann")));
        return join(field(1, new byte[0]), field(3, field(2, field(1, header))));
    }

    /** status { code: 16 }, denied_response { status { code: 401 }, body } */
    private static byte[] denied() {
        return join(field(1, new byte[] {8, 16}), field(2, join(field(1, new byte[] {8, (byte) 0x91, 3}), field(3, text("who are you")))));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A field of bytes shorter than 128. */
    private static byte[] field(int number, byte[] value) {
        return join(new byte[] {(byte) (number << 3 | 2), (byte) value.length}, value);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
