package heddle.forward.internal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** Ways to end a connection. */
final class Channels {
    private Channels() {}

    /** Ends it so that the peer sees a reset, never a clean end. */
    static void reset(Channel channel) {
        if (!channel.isOpen()) return;
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (RuntimeException alreadyClosed) {
            // closing is all that is left to do
        }
        channel.close();
    }
}
