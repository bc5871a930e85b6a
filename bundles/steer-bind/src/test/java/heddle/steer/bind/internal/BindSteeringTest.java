package heddle.steer.bind.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.source.Registration;
import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import heddle.api.steer.PlaceObserver;
import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Handling;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Real sockets on 127/8 and ::1; DESIGN.md, steer-bind. */
class BindSteeringTest {
    private final List<Place> open = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final BindSteering steering = new BindSteering(60_000_000_000L, 4096);
    private final Registration registration = steering.start(new PlaceObserver() {
        @Override
        public void opened(Place place) {
            open.add(place);
            events.add("+" + place.id());
        }

        @Override
        public void closed(Place place) {
            open.remove(place);
            events.add("-" + place.id());
        }
    });

    @AfterEach
    void everythingIsClosed() {
        registration.close();
        assertThat(open).isEmpty();
    }

    @Test
    void listensOnEachServiceAddressAndKeepsWhatStays() throws IOException {
        int a = freePort("127.96.7.1");
        int b = freePort("127.96.7.2");
        steering.apply(plan(tcp("shop/cart:80", a, "127.96.7.1")));
        Place first = open.getFirst();
        assertThat(first.id()).isEqualTo("bind:127.96.7.1:" + a);
        assertThat(first.local()).isTrue();
        connect("127.96.7.1", a);

        steering.apply(plan(tcp("shop/cart:80", a, "127.96.7.1"), tcp("shop/pay:80", b, "127.96.7.2")));
        assertThat(open).hasSize(2).first().isSameAs(first);
        connect("127.96.7.2", b);

        steering.apply(plan(tcp("shop/pay:80", b, "127.96.7.2")));
        assertThat(events).containsExactly("+bind:127.96.7.1:" + a, "+bind:127.96.7.2:" + b, "-bind:127.96.7.1:" + a);
        refused("127.96.7.1", a);
        connect("127.96.7.2", b);
        assertThat(steering.status().places()).isEqualTo(1);
        assertThat(steering.status().problems()).isEmpty();
    }

    @Test
    void theDuplicateOutlivesTheForwarderButNotThePlace() throws IOException {
        int port = freePort("127.96.7.3");
        steering.apply(plan(tcp("shop/cart:80", port, "127.96.7.3")));
        Place place = open.getFirst();
        int duplicate = place.listener();
        assertThat(duplicate).isPositive();
        Libc.close(duplicate);
        connect("127.96.7.3", port);

        steering.apply(plan());
        assertThatThrownBy(place::listener).hasMessageContaining("closed").hasMessageContaining("127.96.7.3:" + port);
    }

    @Test
    void noDescriptorIsLeftAfterOpeningAndClosing() throws IOException {
        int port = freePort("127.96.7.4");
        steering.apply(plan(tcp("shop/cart:80", port, "127.96.7.4")));
        steering.apply(plan());
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            steering.apply(plan(tcp("shop/cart:80", port, "127.96.7.4")));
            Libc.close(open.getFirst().listener());
            steering.apply(plan());
        }
        assertThat(descriptors()).isLessThan(before + 20);
    }

    @Test
    void dualStackServiceHasBothAddresses() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "SKIPPED: no IPv6 on this host");
        int port = freePort("::1");
        steering.apply(plan(tcp("shop/cart:80", port, "127.96.7.5", "::1")));
        assertThat(open).extracting(Place::id).containsExactly("bind:127.96.7.5:" + port, "bind:[0:0:0:0:0:0:0:1]:" + port);
        connect("127.96.7.5", port);
        connect("::1", port);
    }

    @Test
    void anAddressThatIsTakenIsAProblemWithNameAndNextStepAndTheOthersGoOn() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, address("127.96.7.6"))) {
            int port = taken.getLocalPort();
            int other = freePort("127.96.7.7");
            SteeringPlan plan = plan(tcp("shop/cart:80", port, "127.96.7.6"), tcp("shop/pay:80", other, "127.96.7.7"));
            steering.apply(plan);
            assertThat(steering.status().problems()).singleElement().asString().contains("Service shop/cart:80", "127.96.7.6:" + port,
                    "EADDRINUSE", "ss -ltnp");
            connect("127.96.7.7", other);

            taken.close();
            steering.apply(plan);
            assertThat(steering.status().problems()).isEmpty();
            connect("127.96.7.6", port);
        }
    }

    @Test
    void anAddressOfAnotherHostIsAProblem() {
        steering.apply(plan(tcp("shop/cart:80", 8080, "192.0.2.7")));
        assertThat(steering.status().problems()).singleElement().asString().contains("shop/cart:80", "192.0.2.7:8080", "EADDRNOTAVAIL",
                "clusterIP");
        assertThat(open).isEmpty();
    }

    @Test
    void aPortBelowTheUnprivilegedStartNamesTheCapability() {
        assertThat(new BindException("bind", new InetSocketAddress(address("127.96.0.1"), 80), Errno.EACCES))
                .hasMessageContaining("CAP_NET_BIND_SERVICE").hasMessageContaining("ip_unprivileged_port_start=80");
    }

    @Test
    void refusedServicesAreNotListenedFor() throws IOException {
        int port = freePort("127.96.7.8");
        steering.apply(plan(new Frontend("shop/cart:80", List.of(address("127.96.7.8")), port, Transport.TCP, true, false,
                List.of(new Handling(0, Mode.REFUSE, List.of())))));
        refused("127.96.7.8", port);
        assertThat(steering.status().problems()).isEmpty();
    }

    @Test
    void destinationIsTheLocalAddressAndTheClientItsSource() throws IOException {
        int port = freePort("127.96.7.10");
        steering.apply(plan(tcp("shop/cart:80", port, "127.96.7.10")));
        InetSocketAddress local = new InetSocketAddress(address("127.96.7.10"), port);
        InetSocketAddress remote = new InetSocketAddress(address("127.10.0.3"), 40000);
        Origin origin = open.getFirst().origin(new Accepted() {
            @Override
            public InetSocketAddress local() {
                return local;
            }

            @Override
            public InetSocketAddress remote() {
                return remote;
            }

            @Override
            public boolean socketOption(int level, int option, byte[] value) {
                return false;
            }
        });
        assertThat(origin).isEqualTo(new Origin(local, remote, 0));
    }

    @Test
    void aPlanThatCameBeforeTheStartIsInForceAfterIt() throws IOException {
        int port = freePort("127.96.7.11");
        BindSteering late = new BindSteering(60_000_000_000L, 4096);
        late.apply(plan(tcp("shop/cart:80", port, "127.96.7.11")));
        refused("127.96.7.11", port);
        List<Place> seen = new ArrayList<>();
        Registration started = late.start(new PlaceObserver() {
            @Override
            public void opened(Place place) {
                seen.add(place);
            }

            @Override
            public void closed(Place place) {
                seen.remove(place);
            }
        });
        assertThat(seen).hasSize(1);
        connect("127.96.7.11", port);
        started.close();
        started.close();
        assertThat(seen).isEmpty();
        refused("127.96.7.11", port);
    }

    @Test
    void aSuccessorGoesOnWithTheListenersAndWhatWaitsInThem() throws IOException {
        int port = freePort("127.96.7.12");
        SteeringPlan plan = plan(tcp("shop/cart:80", port, "127.96.7.12"));
        BindSteering next = new BindSteering(60_000_000_000L, 4096);
        steering.apply(plan);
        try (Socket waiting = new Socket(address("127.96.7.12"), port)) {
            List<Place> theirs = new ArrayList<>();
            next.follow(open);
            try (Registration started = next.start(new PlaceObserver() {
                @Override
                public void opened(Place place) {
                    theirs.add(place);
                }

                @Override
                public void closed(Place place) {
                    theirs.remove(place);
                }
            })) {
                next.apply(plan);
                assertThat(next.status().problems()).isEmpty();
                registration.close();
                assertThat(open).isEmpty();
                connect("127.96.7.12", port);
                waiting.setSoTimeout(100);
                assertThatThrownBy(() -> waiting.getInputStream().read()).as("a reset would be another").isInstanceOf(SocketTimeoutException.class);

                next.apply(plan());
                assertThat(theirs).isEmpty();
            }
            refused("127.96.7.12", port);
        }
    }

    private static SteeringPlan plan(Frontend... frontends) {
        return new SteeringPlan(1, List.of(frontends), List.of());
    }

    private static Frontend tcp(String service, int port, String... addresses) {
        return new Frontend(service, List.of(addresses).stream().map(BindSteeringTest::address).toList(), port, Transport.TCP, false, false,
                List.of(new Handling(0, Mode.STEER, List.of())));
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static int freePort(String host) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, address(host))) {
            return socket.getLocalPort();
        }
    }

    private static void connect(String host, int port) throws IOException {
        try (Socket socket = new Socket(address(host), port)) {
            assertThat(socket.isConnected()).isTrue();
        }
    }

    private static void refused(String host, int port) {
        assertThatThrownBy(() -> new Socket(address(host), port).close()).isInstanceOf(ConnectException.class);
    }

    private static long descriptors() throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        }
    }
}
