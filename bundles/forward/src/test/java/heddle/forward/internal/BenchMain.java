package heddle.forward.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import io.netty.channel.unix.Socket;

/** A forwarder with a stub mesh on a fixed port, for hand measurements: args = listen port, backend port, loops. */
final class BenchMain {
    private BenchMain() {}

    public static void main(String[] args) throws Exception {
        io.netty.channel.epoll.Epoll.ensureAvailability();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        Socket listener = Socket.newSocketStream();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(loopback, Integer.parseInt(args[0])));
        listener.listen(1024);
        StubMesh mesh = new StubMesh(new InetSocketAddress(loopback, Integer.parseInt(args[1])));
        if (args.length > 3 && args[3].equals("relay")) mesh.relay();
        if (args.length > 3 && args[3].equals("filter")) mesh.rule.filters = java.util.List.of(new AddHeader());
        if (args.length > 3 && args[3].equals("h2c")) mesh.target.protocol = heddle.api.plan.BackendPlan.Protocol.H2C;
        mesh.recording = false;
        mesh.rule.requestTimeout = 15_000_000_000L;
        NettyForwarder forwarder = new NettyForwarder(TestSettings.of(Integer.parseInt(args[2])));
        StubPlace place = new StubPlace();
        forwarder.serve(new heddle.api.steer.Place() {
            @Override public String id() {
                return "bench";
            }

            @Override public int listener() {
                return Descriptors.duplicate(listener.intValue());
            }

            @Override public <T> T inside(java.util.concurrent.Callable<T> make) throws Exception {
                return make.call();
            }

            @Override public boolean local() {
                return true;
            }

            @Override public heddle.api.steer.Origin origin(heddle.api.steer.Accepted connection) {
                return place.origin(connection);
            }
        }, mesh);
        System.out.println("up");
        Thread.sleep(Long.MAX_VALUE);
    }

    @heddle.api.policy.OnLoop
    static final class AddHeader implements heddle.api.policy.Filter {
        @Override public heddle.api.policy.FilterAction onRequest(heddle.api.policy.RequestEdit request, heddle.api.policy.Exchange exchange) {
            request.setHeader("x-bench-route", "r99");
            return heddle.api.policy.FilterAction.CONTINUE;
        }
    }
}
