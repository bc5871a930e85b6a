package heddle.itest.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The daemon is killed, hangs, is impersonated or replaced, under load. STEERING.md, section 3. The daemon is a process of its own. */
@Tag("root")
class ResilienceIT {
    private static final String OPEN = "10.96.0.1";
    private static final String CLOSED = "10.96.0.2";
    private static final String BALANCED = "10.96.0.3";
    private static final String BALANCED_CLOSED = "10.96.0.4";
    /** When a daemon counts as hung, where that is not the question: a busy machine may give it no processor for a while. */
    private static final Duration NEVER = Duration.ofMinutes(10);
    private Sandbox sandbox;
    private Path netns;
    private Path cgroup;
    private List<String> plan;

    @BeforeEach void start() throws Exception {
        sandbox = new Sandbox();
        netns = sandbox.namespace();
        cgroup = sandbox.workload("t", "w1");
        sandbox.with(Peer.start("server", "netns=" + netns, "listen=tcp:127.0.0.11:9000,tcp:127.0.0.12:9000"));
        // B is the fallback: an impostor with one socket answers A.
        plan = List.of("member 1 t w1 " + netns + " - 0",
                "frontend t/open:80 TCP " + OPEN + " 80 open 0=STEER=127.0.0.12/9000/1",
                "frontend t/closed:80 TCP " + CLOSED + " 80 closed 0=STEER=127.0.0.12/9000/1",
                "frontend t/balanced:80 TCP " + BALANCED + " 80 open 0=BALANCE=127.0.0.12/9000/1",
                "frontend t/bclosed:80 TCP " + BALANCED_CLOSED + " 80 closed 0=BALANCE=127.0.0.12/9000/1");
    }

    @AfterEach void end() throws Exception {
        sandbox.close();
    }

    private DaemonProcess daemon(Duration stale) throws Exception {
        DaemonProcess daemon = sandbox.with(new DaemonProcess(sandbox.config(stale, false)));
        daemon.apply(plan);
        return daemon;
    }

    private Peer.Running load(String address, Object... settings) throws Exception {
        List<Object> all = new ArrayList<>(List.of("cgroup=" + cgroup, "netns=" + netns, "workload=1", "dest=" + address + ":80"));
        all.addAll(List.of(settings));
        return sandbox.with(Peer.start("client", all.toArray()));
    }

    private Peer.Seen client(String address, Object... settings) throws Exception {
        return load(address, settings).seen();
    }

    private void expect(String address, int n, String answer) throws Exception {
        Peer.Seen seen = client(address, "n=" + n);
        assertThat(seen.of(answer)).as(address + " " + seen).isEqualTo(n);
    }

    private void expectWithoutDaemon() throws Exception {
        expect(OPEN, 200, "B");
        expect(CLOSED, 200, "e111");
        expect(BALANCED, 200, "B");
        expect(BALANCED_CLOSED, 200, "e111");
    }

    @Test void clientsAreAnsweredWhenTheDaemonIsKilled() throws Exception {
        DaemonProcess daemon = daemon(NEVER);
        expect(OPEN, 100, "Y");
        expect(CLOSED, 100, "Y");
        expect(BALANCED_CLOSED, 100, "B");
        Peer.Running running = load(OPEN, "until=B", "threads=2", "pause_us=500");
        running.awaitBegun();
        daemon.kill();
        Peer.Seen seen = running.seen();
        assertThat(seen.of("Y")).as(seen.toString()).isPositive();
        assertThat(seen.of("B")).as(seen.toString()).isPositive();
        assertThat(seen.of("e111")).as("sent to the listener before the kill, there after it, one a thread: " + seen).isLessThanOrEqualTo(2);
        assertThat(seen.errors()).as("in flight at the kill: " + seen).isLessThanOrEqualTo(4);
        expectWithoutDaemon();

        DaemonProcess next = daemon(NEVER);     // takes over pins and links
        expect(OPEN, 200, "Y");
        expect(CLOSED, 200, "Y");
        next.quit();
        assertThat(sandbox.config().pinDirectory()).doesNotExist();
        assertThat(cgroup).doesNotExist();
    }

    @Test void clientsAreAnsweredWhenTheDaemonHangs() throws Exception {
        DaemonProcess daemon = daemon(Duration.ofMillis(300));
        until(OPEN, "Y");
        daemon.signal("STOP");
        try {
            until(OPEN, "B");                                       // until the heartbeat is stale, connects wait
            expectWithoutDaemon();
        } finally {
            daemon.signal("CONT");
        }
        until(OPEN, "Y");
        until(CLOSED, "Y");
    }

    /** A daemon that soon counts as hung does so whenever the machine gives it no processor. */
    private void until(String address, String answer) throws Exception {
        Peer.Seen seen;
        long end = System.nanoTime() + 60_000_000_000L;
        do {
            if (System.nanoTime() > end) throw new AssertionError(answer + " did not come from " + address + " within 60 s");
            seen = client(address, "n=20", "limit_s=1");
        } while (seen.of(answer) < 20);
    }

    @Test void aListenerThatIsNotOursGetsNoConnects() throws Exception {
        DaemonProcess daemon = daemon(NEVER);
        expect(OPEN, 50, "Y");
        daemon.kill();
        sandbox.with(Peer.start("server", "netns=" + netns, "listen=tcp:127.0.0.1:" + Sandbox.PORT));
        expect(OPEN, 200, "B");
        expect(CLOSED, 200, "e111");
    }

    @Test void aNewDaemonTakesOverUnderLoadWithoutAFailure() throws Exception {
        DaemonProcess old = daemon(NEVER);
        Peer.Running running = load(CLOSED, "n=12000", "threads=2", "pause_us=200");
        for (int i = 0; i < 3; i++) {
            DaemonProcess next = daemon(NEVER);     // same pins, same links, its own listeners
            expect(CLOSED, 50, "Y");
            old.quit();     // no longer the owner: closes its listeners only
            old = next;
        }
        expect(CLOSED, 50, "Y");
        Peer.Seen seen = running.seen();
        assertThat(seen.of("Y")).as(seen.toString()).isEqualTo(12000);
        assertThat(seen.of("peer_wrong")).isZero();
    }
}
