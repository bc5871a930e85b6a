package heddle.forward.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;

/** Sends a few hundred requests through one event loop before the first client does, so that nobody waits for classes to be loaded,
 *  call sites to be linked and code to be compiled. Over real sockets on loopback, with a mesh, pools and counters of its own: nothing
 *  of it shows in metrics. On a thread of its own, which is client and backend in turn. */
final class WarmUp implements Runnable {
    private static final int CONNECTIONS = 8;
    private static final int REQUESTS = 40;
    private static final int PATIENCE_MILLIS = 5000;
    private static final byte[] GET = "GET /warm/up?a=b HTTP/1.1\r\nHost: front\r\nUser-Agent: heddle\r\nAccept: */*\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] POST = "POST /warm/up HTTP/1.1\r\nHost: front\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi".getBytes(ISO_8859_1);
    private static final byte[] MISS = "GET /none HTTP/1.1\r\nHost: front\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: heddle\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1);

    private final Loop loop;

    /** @param loop made for this alone, on an executor that serves clients too; closed at the end */
    WarmUp(Loop loop) {
        this.loop = loop;
    }

    @Override public void run() {
        InetAddress here = InetAddress.getLoopbackAddress();
        EpollServerSocketChannel front = new EpollServerSocketChannel();
        try (ServerSocket backend = new ServerSocket(0, 4, here)) {
            backend.setSoTimeout(PATIENCE_MILLIS);
            WarmMesh mesh = new WarmMesh((InetSocketAddress) backend.getLocalSocketAddress());
            front.pipeline().addLast(new Front(mesh));
            loop.executor.register(front).syncUninterruptibly();
            front.bind(new InetSocketAddress(here, 0)).syncUninterruptibly();
            exchanges(front.localAddress(), backend);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } finally {
            front.close();
            loop.executor.execute(loop::close);
        }
    }

    private static void exchanges(InetSocketAddress front, ServerSocket backend) throws IOException {
        Socket upstream = new Socket();
        try {
            for (int connection = 0; connection < CONNECTIONS; connection++) {
                try (Socket client = new Socket(front.getAddress(), front.getPort())) {
                    client.setSoTimeout(PATIENCE_MILLIS);
                    client.setTcpNoDelay(true);
                    for (int request = 0; request < REQUESTS; request++) {
                        byte[] sent = request % 8 == 7 ? POST : GET;
                        client.getOutputStream().write(sent);
                        if (!upstream.isConnected()) {
                            upstream = backend.accept();
                            upstream.setSoTimeout(PATIENCE_MILLIS);
                            upstream.setTcpNoDelay(true);
                        }
                        head(upstream.getInputStream(), sent == POST ? 2 : 0);
                        upstream.getOutputStream().write(ANSWER);
                        head(client.getInputStream(), 2);
                    }
                    client.getOutputStream().write(MISS);
                    head(client.getInputStream(), 0);
                }
            }
        } finally {
            upstream.close();
        }
    }

    /** Reads to the end of a head and so many bytes more. */
    private static void head(InputStream in, int body) throws IOException {
        int ends = 0;
        while (ends < 4) {
            int b = in.read();
            if (b < 0) throw new IOException("closed");
            ends = b == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : b == '\r' ? 1 : 0;
        }
        in.readNBytes(body);
    }

    private final class Front extends ChannelInboundHandlerAdapter {
        private final WarmMesh mesh;
        private final Place place = new OwnPlace();

        Front(WarmMesh mesh) {
            this.mesh = mesh;
        }

        @Override public void channelRead(ChannelHandlerContext ctx, Object accepted) {
            ClientConnection.accept(loop, (EpollSocketChannel) accepted, place, mesh);
        }
    }

    private static final class OwnPlace implements Place {
        @Override public String id() {
            return "warm-up";
        }

        @Override public int listener() {
            throw new UnsupportedOperationException();
        }

        @Override public <T> T inside(Callable<T> makeSocket) throws Exception {
            return makeSocket.call();
        }

        @Override public boolean local() {
            return true;
        }

        @Override public Origin origin(Accepted connection) {
            return new Origin(connection.local(), connection.remote(), 0);
        }
    }
}
