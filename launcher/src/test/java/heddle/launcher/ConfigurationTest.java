package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static final String LIST = """
            # comment
            steering | launcher | choice(auto,ebpf,bind) | auto | - | restart | how
            manifests | heddle.source.file | list(path) | | - | reload | folders
            swap.drain | heddle.core | duration | 30s | - | reload | wait
            forward.loops | heddle.forward#loops | int(0..64) | 0 | count | restart | loops
            forward.maxBody | heddle.forward | size | 64k | bytes | reload | body
            admin.address | heddle.telemetry,heddle.shell | address | 127.0.0.1:15020 | - | restart | admin
            trace | heddle.core | boolean | false | - | reload | trace
            plugins.settings | launcher | list(string) | | - | reload | settings of plugins
            """;
    @TempDir Path folder;
    private SettingsList list;

    @BeforeEach void list() throws IOException {
        list = SettingsList.read(Files.writeString(folder.resolve("settings.list"), LIST));
    }

    @Test void theListOfTheDistributionIsReadable() throws IOException {
        assertThat(SettingsList.read(Path.of("conf/settings.list")).all()).extracting(Setting::key).contains("steering", "manifests", "swap.drain", "admin.address");
    }

    @Test void defaultsReachTheirPidTyped() throws Exception {
        Map<String, Map<String, Object>> pids = read("").byPid();
        assertThat(pids.get("heddle.forward")).isEqualTo(Map.of("loops", 0, "forward.maxBody", 65536L));
        assertThat(pids.get("heddle.core")).isEqualTo(Map.of("swap.drain", "30s", "trace", false));
        assertThat(pids.get("heddle.telemetry")).isEqualTo(pids.get("heddle.shell"));
        assertThat(pids).doesNotContainKey("launcher");
    }

    @Test void settingsOfPluginsReachTheirPidAsText() throws Exception {
        Map<String, Map<String, Object>> pids = read("plugins.settings: ['acme.source:url=http://h:1/x?a=b', 'acme.source:seconds=5']\n").byPid();
        assertThat(pids.get("acme.source")).isEqualTo(Map.of("url", "http://h:1/x?a=b", "seconds", "5"));
        assertThatThrownBy(() -> read("plugins.settings: ['heddle.core:swap.drain=0s']\n")).hasMessageContaining("plugins.settings: heddle.core:swap.drain=0s");
    }

    @Test void keysMayBeNestedOrDotted() throws Exception {
        Configuration configuration = read("forward:\n  loops: 4\nswap.drain: 5s\n");
        assertThat(configuration.byPid().get("heddle.forward")).containsEntry("loops", 4);
        assertThat(configuration.text("swap.drain")).isEqualTo("5s");
        assertThat(configuration.duration("swap.drain")).hasSeconds(5);
        assertThat(read("swap.drain: 1h2m3s4ms\n").duration("swap.drain")).hasMillis(3_723_004);
    }

    @Test void pathsOfTheFileAreRelativeToItsFolder() throws Exception {
        assertThat(read("manifests: [a, /b]\n").texts("manifests")).containsExactly(folder.resolve("a").toString(), "/b");
    }

    @Test void theCommandLineWinsAndManifestsAdd() throws Exception {
        Path file = Files.writeString(folder.resolve("h.yaml"), "steering: ebpf\nmanifests: /a\n");
        Configuration configuration = Configuration.read(list, new Configuration.Wish(Optional.of(file), List.of("steering=bind"), List.of("/b", "/c")));
        assertThat(configuration.text("steering")).isEqualTo("bind");
        assertThat(configuration.texts("manifests")).containsExactly("/a", "/b", "/c");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', value = {
        "steerin: bind; h.yaml:1: unknown key steerin; nearest is steering",
        "a: 1; h.yaml:1: unknown key a; nearest is trace",
        "forward: {loop: 1}; h.yaml:1: unknown key forward.loop; nearest is forward.loops",
        "steering: maybe; h.yaml:1: steering: maybe: expected one of auto, ebpf, bind; steering",
        "swap.drain: 1.5s; h.yaml:1: swap.drain: 1.5s: expected a duration; 50ms",
        "forward.loops: 65; h.yaml:1: forward.loops: 65: expected a whole number from 0 to 64; whole",
        "trace: yes; h.yaml:1: trace: yes: expected true or false; true",
        "admin.address: 15020; h.yaml:1: admin.address: 15020: expected host:port; host",
        "steering: [a]; h.yaml:1: steering: expected auto|ebpf|bind; auto",
        "'- x'; h.yaml:1: expected keys and values; keys",
        "'a: [b'; h.yaml:; expected"})
    void aProblemNamesFileLineAndWhatWasExpected(String yaml, String start, String part) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOfSatisfying(ConfigurationException.class, bad ->
                assertThat(bad.problems()).singleElement().asString().contains(start).contains(part));
    }

    @Test void allProblemsAreNamedAtOnce() {
        assertThatThrownBy(() -> read("steering: maybe\n\nloops: 3\n")).isInstanceOfSatisfying(ConfigurationException.class, bad ->
                assertThat(bad.problems()).hasSize(2).anySatisfy(problem -> assertThat(problem).contains("h.yaml:3")));
    }

    @Test void setNamesItsOwnOption() {
        assertThatThrownBy(() -> Configuration.read(list, new Configuration.Wish(Optional.empty(), List.of("steer=bind", "trace"), List.of())))
                .isInstanceOfSatisfying(ConfigurationException.class, bad -> assertThat(bad.problems())
                        .containsExactly("--set steer=bind: unknown key steer; the nearest is steering", "--set trace: expected key=value"));
    }

    @Test void aReloadTakesOnlyWhatCanBeReloaded() throws Exception {
        Configuration before = read("");
        Configuration after = read("trace: true\nsteering: bind\n");
        List<Setting> differing = before.differing(after);
        assertThat(differing).extracting(Setting::key).containsExactly("steering", "trace");
        Configuration taken = before.taking(differing.stream().filter(Setting::reloadable).toList(), after);
        assertThat(taken.text("steering")).isEqualTo("auto");
        assertThat(taken.byPid().get("heddle.core")).containsEntry("trace", true);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"4096, 4096", "64k, 65536", "16M, 16777216", "10g, 10737418240"})
    void sizesAreBytes(String text, long bytes) {
        assertThat(SettingType.of("size").parse(text, path -> path)).isEqualTo(bytes);
    }

    private Configuration read(String yaml) throws IOException, ConfigurationException {
        Path file = Files.writeString(folder.resolve("h.yaml"), yaml);
        return Configuration.read(list, new Configuration.Wish(Optional.of(file), List.of(), List.of()));
    }
}
