package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void runsToItsEndAndShowsNowhere() throws Exception {
        try (Rig rig = new Rig()) {
            rig.forwarder.warmUp().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(rig.forwarder.status().connections()).isZero();
            assertThat(rig.forwarder.status().counters().values()).containsOnly(0L);
            assertThat(rig.mesh.ends).isEmpty();
            rig.backend(new RecordingBackend(with -> {
                while (with.request()) with.send(RecordingBackend.OK);
            }));
            try (RawClient client = rig.client()) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n").response()).startsWith("HTTP/1.1 200 ");
            }
        }
    }
}
