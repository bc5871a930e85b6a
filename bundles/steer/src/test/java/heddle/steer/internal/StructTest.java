package heddle.steer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class StructTest {
    @Test void valuesComeBackAsTheyWereSet() throws Exception {
        byte[] bytes = Abi.ORIG.value().setBytes("addr", Abi.address(InetAddress.getByName("10.96.0.1"))).setPort("port", 40_000).set("proto", 6)
                .set("workload", 7).set("netns", -1L).array();
        Struct.Value read = Abi.ORIG.read(bytes);
        assertThat(Abi.address(read.bytes("addr"))).isEqualTo(InetAddress.getByName("10.96.0.1"));
        assertThat(read.port("port")).isEqualTo(40_000);
        assertThat(read.get("proto")).isEqualTo(6);
        assertThat(read.get("workload")).isEqualTo(7);
        assertThat(read.get("netns")).isEqualTo(-1L);
        assertThat(bytes[16]).as("network order").isEqualTo((byte) (40_000 >> 8));
    }

    @Test void ipv4IsMappedAndIpv6StaysItself() throws Exception {
        assertThat(Abi.address(InetAddress.getByName("1.2.3.4"))).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4);
        assertThat(Abi.address(Abi.address(InetAddress.getByName("fd00::1")))).isEqualTo(InetAddress.getByName("fd00::1"));
    }

    @Test void wrongSizesAndNamesAreRefused() {
        assertThatThrownBy(() -> Abi.SVC.read(new byte[3])).hasMessageContaining("expected: 16");
        assertThatThrownBy(() -> Abi.SVC.value().set("nothing", 1)).hasMessageContaining("no field nothing");
    }
}
