package heddle.forward.internal;

import heddle.api.steer.Place;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Makes connections to endpoints on the caller's event loop. A socket of another network namespace is created on a worker thread,
 *  in that namespace, and connected here. */
final class Dial {
    /** Told on the event loop. */
    interface Outcome {
        void connected(Channel channel);

        void failed(Throwable cause);
    }

    private Dial() {}

    /** @param place where the socket is to be made; null = the daemon's own namespace */
    static void to(Loop loop, @Nullable Place place, InetSocketAddress address, Outcome outcome) {
        if (place == null) {
            Channel channel;
            try {
                channel = socket(address);
            } catch (RuntimeException e) {
                outcome.failed(e);
                return;
            }
            connect(loop, channel, address, outcome);
            return;
        }
        try {
            loop.workers.execute(() -> {
                try {
                    Channel channel = place.inside(() -> socket(address));
                    loop.executor.execute(() -> connect(loop, channel, address, outcome));
                } catch (Exception e) {
                    loop.executor.execute(() -> outcome.failed(e));
                }
            });
        } catch (RuntimeException e) {                            // the workers' queue is full
            outcome.failed(e);
        }
    }

    private static Channel socket(InetSocketAddress address) {
        return new EpollSocketChannel(address.getAddress() instanceof Inet6Address ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
    }

    private static void connect(Loop loop, Channel channel, InetSocketAddress address, Outcome outcome) {
        ChannelConfig config = channel.config();
        config.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, loop.settings().connectNanos() / 1_000_000));
        config.setAutoClose(false);
        config.setAutoRead(false);
        loop.tune(channel);
        loop.executor.register(channel);
        ChannelFuture connecting = channel.connect(address);
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                outcome.connected(channel);
                config.setAutoRead(true);
            } else {
                channel.close();
                outcome.failed(done.cause());
            }
        });
    }
}
