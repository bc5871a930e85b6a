package heddle.forward.internal;

import heddle.api.steer.Accepted;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** An accepted connection as it is lent to the steering. */
record AcceptedSocket(EpollSocketChannel channel) implements Accepted {
    @Override public InetSocketAddress local() {
        return channel.localAddress();
    }

    @Override public InetSocketAddress remote() {
        return channel.remoteAddress();
    }

    @Override public boolean socketOption(int level, int option, byte[] value) {
        try {
            ByteBuffer raw = channel.config().getOption(new RawUnixChannelOption("heddle", level, option, value.length));
            if (raw == null) return false;
            raw.get(0, value);
            return true;
        } catch (ChannelException refused) {
            return false;
        }
    }
}
