package heddle.forward.internal;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/** Netty's epoll handler, with sockets that stay registered. A socket that has heard its peer's half-close while reading is off is
 *  interested in nothing; Netty (4.2.18) then takes it out of epoll and fails with ENOENT when it is to be written or read again. Here
 *  it is left in with nothing but the edge-triggered flag: it is told of no more than once, and nothing spins. One event loop. */
final class LastingEpoll implements IoHandler {
    private final IoHandler epoll;

    private LastingEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory made = EpollIoHandler.newFactory();
        return executor -> new LastingEpoll(made.newHandler(executor));
    }

    @Override public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(epoll.register(handle));
    }

    private static final class Registration implements IoRegistration {
        private final IoRegistration in;
        private boolean added;

        Registration(IoRegistration in) {
            this.in = in;
        }

        @Override public long submit(IoOps ops) {
            if (ops instanceof EpollIoOps wanted && wanted.value() == 0) return in.submit(added ? EpollIoOps.EPOLLET : ops);
            added = true;
            return in.submit(ops);
        }

        @Override public <T> T attachment() {
            return in.attachment();
        }

        @Override public boolean isValid() {
            return in.isValid();
        }

        @Override public boolean cancel() {
            return in.cancel();
        }
    }

    @Override public void initialize() {
        epoll.initialize();
    }

    @Override public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override public void destroy() {
        epoll.destroy();
    }

    @Override public void wakeup() {
        epoll.wakeup();
    }

    @Override public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }
}
