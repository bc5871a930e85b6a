package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
    @TempDir Path folder;

    @Test void aHostIsANodeInLowerCase() throws Exception {
        assertThat(Installation.hostName(Files.writeString(folder.resolve("hostname"), "Rack7-Node1.example\n"))).isEqualTo("rack7-node1.example");
        assertThat(Installation.hostName(folder.resolve("none"))).isEmpty();
    }
}
