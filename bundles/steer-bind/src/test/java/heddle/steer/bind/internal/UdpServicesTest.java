package heddle.steer.bind.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Handling;
import heddle.api.steer.SteeringPlan.Member;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Slot;
import heddle.api.steer.SteeringPlan.Transport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** UDPRoute on steer-bind: weights, the refused share (SPEC.md B8), client classes, the idle limit, and the cut-over. Real datagrams on 127/8. */
class UdpServicesTest {
    private static final int LIMIT_MILLIS = 60_000;
    private final List<DatagramSocket> sockets = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private UdpServices services = new UdpServices(60_000_000_000L, 4096);
    private final InetSocketAddress front = new InetSocketAddress(address("127.96.8.1"), freePort());

    @AfterEach
    void close() {
        services.close();
        sockets.forEach(DatagramSocket::close);
    }

    /** Answers with its name and what it got. */
    private InetSocketAddress backend(String name) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, address("127.0.0.1"));
        sockets.add(socket);
        Thread.ofVirtual().start(() -> {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
                while (true) {
                    packet.setLength(65535);
                    socket.receive(packet);
                    byte[] answer = (name + ":" + text(packet)).getBytes(StandardCharsets.US_ASCII);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        return new InetSocketAddress(address("127.0.0.1"), socket.getLocalPort());
    }

    private DatagramSocket client(String host) throws IOException {
        DatagramSocket client = new DatagramSocket(0, address(host));
        client.setSoTimeout(LIMIT_MILLIS);
        sockets.add(client);
        return client;
    }

    private String ask(DatagramSocket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        client.send(new DatagramPacket(bytes, bytes.length, front));
        DatagramPacket answer = new DatagramPacket(new byte[65535], 65535);
        client.receive(answer);
        assertThat(answer.getSocketAddress()).isEqualTo(front);
        return text(answer);
    }

    /** Of flows that end soon: the answer of an endpoint that a busy machine kept waiting finds its flow gone, so it is asked again. */
    private String askAgain(DatagramSocket client) throws IOException {
        client.setSoTimeout(1000);
        for (int i = 0; i < 60; i++) {
            try {
                return ask(client, "x");
            } catch (SocketTimeoutException lost) {
                // UDP promises nothing
            }
        }
        throw new AssertionError("no answer within 60 s");
    }

    /** Whether the next datagram is answered; else it is counted as dropped. */
    private boolean answered(DatagramSocket client) throws IOException {
        long dropped = services.counts().get("udp_dropped");
        client.send(new DatagramPacket(new byte[] {'x'}, 1, front));
        client.setSoTimeout(20);
        try {
            for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; ) {
                try {
                    client.receive(new DatagramPacket(new byte[65535], 65535));
                    return true;
                } catch (SocketTimeoutException notYet) {
                    if (services.counts().get("udp_dropped") > dropped) return false;
                }
            }
            throw new AssertionError("neither answered nor dropped within 60 s");
        } finally {
            client.setSoTimeout(LIMIT_MILLIS);
        }
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static int freePort() {
        try (DatagramSocket probe = new DatagramSocket(0, address("127.96.8.1"))) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Slot slot(InetSocketAddress endpoint, int weight) {
        return new Slot(Optional.ofNullable(endpoint), weight);
    }

    private static Handling balance(int clientClass, Slot... slots) {
        return new Handling(clientClass, Mode.BALANCE, List.of(slots));
    }

    private void apply(boolean affinity, List<Member> members, Handling... handlings) {
        problems.clear();
        services.apply(new SteeringPlan(1, List.of(new Frontend("shop/dns:53", List.of(front.getAddress()), front.getPort(), Transport.UDP, false, affinity,
                List.of(handlings))), members), problems);
        assertThat(problems).isEmpty();
    }

    @Test
    void aDatagramIsAnsweredFromTheServiceAddressAndAClientStaysAtItsEndpoint() throws IOException {
        apply(false, List.of(), balance(0, slot(backend("a"), 1), slot(backend("b"), 1)));
        DatagramSocket client = client("127.0.0.1");
        String first = ask(client, "one");
        for (int i = 0; i < 20; i++) assertThat(ask(client, "two")).startsWith(first.substring(0, 2));
        assertThat(ask(client, "x".repeat(20_000))).hasSize(20_002);
        assertThat(services.counts()).containsEntry("udp_flows", 1L).containsEntry("udp_datagrams", 22L).containsEntry("udp_replies", 22L);
    }

    @Test
    void clientsAreSharedOutByWeight() throws IOException {
        apply(false, List.of(), balance(0, slot(backend("a"), 3), slot(backend("b"), 1)));
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < 40; i++) seen.merge(ask(client("127.0.0.1"), "x").substring(0, 1), 1, Integer::sum);
        assertThat(seen).containsEntry("a", 30).containsEntry("b", 10);
    }

    @Test
    void theInvalidShareIsDroppedAndTheOthersAreNot() throws IOException {
        apply(false, List.of(), balance(0, slot(backend("a"), 1), slot(null, 1)));
        int answered = 0;
        for (int i = 0; i < 6; i++) {
            DatagramSocket client = client("127.0.0.1");
            if (answered(client)) answered++;
            else assertThat(answered(client)).isFalse();                   // its next one too: the share, not a retry, decides
        }
        assertThat(answered).isEqualTo(3);
        assertThat(services.counts().get("udp_dropped")).isEqualTo(6);
    }

    @Test
    void anAddressIsFreeAgainWhenItsServiceHasGone() throws IOException {
        Frontend other = new Frontend("shop/ntp:123", List.of(address("127.96.8.2")), front.getPort(), Transport.UDP, false, false, List.of(balance(0, slot(backend("n"), 1))));
        for (int i = 0; i < 10; i++) {
            apply(false, List.of(), balance(0, slot(backend("a"), 1)));
            assertThat(ask(client("127.0.0.1"), "x")).isEqualTo("a:x");
            services.apply(new SteeringPlan(1, List.of(other), List.of()), problems);
            new DatagramSocket(front.getPort(), front.getAddress()).close();
        }
    }

    @Test
    void aRefusedServiceDropsAndAPassedOneIsNotListenedFor() throws IOException {
        apply(false, List.of(), new Handling(0, Mode.REFUSE, List.of()));
        assertThat(answered(client("127.0.0.1"))).isFalse();
        apply(false, List.of(), new Handling(0, Mode.PASS, List.of()));
        try (DatagramSocket free = new DatagramSocket(front.getPort(), front.getAddress())) {
            assertThat(free.isBound()).isTrue();
        }
    }

    @Test
    void clientClassesHaveTheirOwnShares() throws IOException {
        Member apart = new Member(7, "shop", "w", Optional.empty(), Optional.empty(), List.of(address("127.0.0.9")), 1);
        apply(false, List.of(apart), balance(0, slot(backend("all"), 1)), balance(1, slot(backend("own"), 1)));
        assertThat(ask(client("127.0.0.1"), "x")).isEqualTo("all:x");
        assertThat(ask(client("127.0.0.9"), "x")).isEqualTo("own:x");
    }

    @Test
    void affinityGoesByTheClientsAddress() throws IOException {
        apply(true, List.of(), balance(0, slot(backend("a"), 1), slot(backend("b"), 1), slot(backend("c"), 1)));
        for (String host : List.of("127.0.0.1", "127.0.0.2", "127.0.0.3")) {
            String first = ask(client(host), "x");
            for (int i = 0; i < 5; i++) assertThat(ask(client(host), "x")).isEqualTo(first);
        }
    }

    @Test
    void onlyFlowsWhoseEndpointIsGoneMove() throws IOException {
        InetSocketAddress a = backend("a");
        InetSocketAddress b = backend("b");
        apply(false, List.of(), balance(0, slot(a, 1), slot(b, 1)));
        DatagramSocket one = client("127.0.0.1");
        DatagramSocket two = client("127.0.0.1");
        String first = ask(one, "x");
        assertThat(ask(two, "x")).isNotEqualTo(first);
        apply(false, List.of(), balance(0, slot(backend("c"), 100), slot(first.startsWith("a") ? a : b, 1)));
        assertThat(ask(one, "x")).isEqualTo(first);
        assertThat(ask(two, "x")).isEqualTo("c:x");
        assertThat(services.counts()).containsEntry("udp_flows", 3L);
    }

    @Test
    void idleFlowsEndAndTheirSocketsWithThem() throws Exception {
        services = new UdpServices(100_000_000L, 4096);
        apply(false, List.of(), balance(0, slot(backend("a"), 1), slot(backend("b"), 1)));
        DatagramSocket client = client("127.0.0.1");
        String first = askAgain(client);
        String later = first;
        for (int i = 0; i < 100 && later.equals(first); i++) {
            Thread.sleep(300);
            later = askAgain(client);
        }
        assertThat(later).as("forgotten, so it was its neighbour's turn").isNotEqualTo(first);
    }

    /** One that is only answered is in use too; those that are idle behind it end all the same. */
    @Test
    void aFlowThatOnlyHearsKeepsNoIdleOneAlive() throws Exception {
        services = new UdpServices(1_000_000_000L, 4096);
        apply(false, List.of(), balance(0, slot(streaming(), 1)));
        DatagramSocket hearing = client("127.0.0.1");
        askAgain(hearing);
        DatagramSocket idle = client("127.0.0.1");
        for (int i = 0; i < 20 && services.counts().get("udp_flows") <= 2; i++) {
            askAgain(idle);
            Thread.sleep(2000);
        }
        assertThat(services.counts().get("udp_flows")).as("forgotten and begun anew").isGreaterThan(2);
    }

    /** Never stops answering who asked first, and answers the others once. */
    private InetSocketAddress streaming() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, address("127.0.0.1"));
        sockets.add(socket);
        Thread.ofVirtual().start(() -> {
            try {
                DatagramPacket first = new DatagramPacket(new byte[1], 1);
                socket.receive(first);
                Thread.ofVirtual().start(() -> {
                    try {
                        while (true) {
                            socket.send(first);
                            Thread.sleep(5);
                        }
                    } catch (IOException | InterruptedException closed) {
                        // the test is over
                    }
                });
                while (true) {
                    DatagramPacket other = new DatagramPacket(new byte[1], 1);
                    socket.receive(other);
                    socket.send(other);
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        return new InetSocketAddress(address("127.0.0.1"), socket.getLocalPort());
    }

    @Test
    void aboveTheLimitTheLongestIdleFlowEnds() throws IOException {
        services = new UdpServices(60_000_000_000L, 2);
        apply(false, List.of(), balance(0, slot(backend("a"), 1)));
        for (int i = 0; i < 5; i++) assertThat(ask(client("127.0.0.1"), "x")).isEqualTo("a:x");
        assertThat(services.counts()).containsEntry("udp_evicted", 3L).containsEntry("udp_flows", 5L);
    }

    @Test
    void anEndpointThatIsGoneIsNoticedAndTheClientGoesOn() throws Exception {
        InetSocketAddress dead = backend("dead");
        sockets.getLast().close();
        apply(false, List.of(), balance(0, slot(dead, 1), slot(backend("a"), 1)));
        DatagramSocket client = client("127.0.0.1");
        client.setSoTimeout(300);
        String answer = "";
        for (int i = 0; i < 100 && answer.isEmpty(); i++) {
            try {
                answer = ask(client, "x");
            } catch (SocketTimeoutException lost) {
                // UDP promises nothing
            }
        }
        assertThat(answer).isEqualTo("a:x");
        assertThat(services.counts().get("udp_unreachable")).isPositive();
    }

    @Test
    void anAddressThatIsTakenIsAProblemWithNameAndNextStep() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(front.getPort(), front.getAddress())) {
            services.apply(new SteeringPlan(1, List.of(new Frontend("shop/dns:53", List.of(front.getAddress()), front.getPort(), Transport.UDP, false, false,
                    List.of(balance(0, slot(backend("a"), 1))))), List.of()), problems);
            assertThat(problems).singleElement().asString().contains("Service shop/dns:53", "127.96.8.1:" + taken.getLocalPort(), "ss -lunp");
        }
    }
}
