package heddle.steer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test void durationsAreRead() {
        assertThat(SteerComponent.duration("2s")).isEqualTo(Duration.ofSeconds(2));
        assertThat(SteerComponent.duration("1m500ms")).isEqualTo(Duration.ofMillis(60_500));
        assertThatThrownBy(() -> SteerComponent.duration("2")).hasMessageContaining("steer.staleAfter: 2 (expected:");
    }

    @Test void wrongValuesAreRefusedWithTheirKey() {
        assertThatThrownBy(() -> new SteerConfig(Optional.empty(), "/heddle", Path.of("/sys/fs/bpf/heddle"), Duration.ofSeconds(2), false, 0, false))
                .hasMessageContaining("steer.cgroup: /heddle");
        assertThatThrownBy(() -> new SteerConfig(Optional.empty(), "heddle", Path.of("/sys/fs/bpf/hed.dle"), Duration.ofSeconds(2), false, 0, false))
                .hasMessageContaining("steer.pinDirectory");
        assertThatThrownBy(() -> new SteerConfig(Optional.empty(), "heddle", Path.of("/sys/fs/bpf/heddle"), Duration.ofMillis(1), false, 0, false))
                .hasMessageContaining("steer.staleAfter");
    }

    /** Issue "first usable daemon": the missing capability is named, each by itself. */
    @Test void everyMissingCapabilityIsNamed() {
        assertThat(Capabilities.missing(1L << 39 | 1L << 21 | 1L << 12)).isEmpty();
        assertThat(Capabilities.missing(1L << 21 | 1L << 12)).singleElement().asString().startsWith("CAP_BPF");
        assertThat(Capabilities.missing(0)).hasSize(3);
    }

    @Test void cgroupPathsAreUnderstoodWithAndWithoutTheMount() {
        Cgroups cgroups = new Cgroups(Path.of("/sys/fs/cgroup"), "heddle");
        for (String written : new String[] {"/sys/fs/cgroup/system.slice/a.service", "/system.slice/a.service", "system.slice/a.service"}) {
            assertThat(cgroups.resolve(Path.of(written))).isEqualTo(Path.of("/sys/fs/cgroup/system.slice/a.service"));
        }
        assertThat(cgroups.workload("shop", "cart")).isEqualTo(Path.of("/sys/fs/cgroup/heddle/workloads/shop/cart"));
    }

    @Test void cleanTakesTheDaemonsOwnSettings() {
        SteerConfig config = Clean.config("--set", "steer.cgroup=mine", "--set", "steering=ebpf", "--pins", "/sys/fs/bpf/mine");
        assertThat(config.cgroupBase()).isEqualTo("mine");
        assertThat(config.pinDirectory()).isEqualTo(Path.of("/sys/fs/bpf/mine"));
        assertThatThrownBy(() -> Clean.config("--all", "x")).hasMessageContaining("unknown option --all");
        assertThatThrownBy(() -> Clean.config("--pins")).hasMessageContaining("needs a value");
    }
}
