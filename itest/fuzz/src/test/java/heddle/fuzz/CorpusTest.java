package heddle.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.forward.internal.GrpcTarget;
import heddle.forward.internal.HeadsTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of the corpus through its target, what the fuzzer once found included; and each cut and bent a little, from a fixed seed. */
class CorpusTest {
    private static final Map<String, Consumer<byte[]>> TARGETS = Map.of("manifests", ManifestsTarget::fuzzerTestOneInput, "paths", PathsTarget::fuzzerTestOneInput,
            "heads", HeadsTarget::fuzzerTestOneInput, "grpc", GrpcTarget::fuzzerTestOneInput);

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("corpus"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void theCorpusIsTakenWithoutACrashOrAHang(Path file) throws IOException {
        byte[] input = Files.readAllBytes(file);
        Consumer<byte[]> target = TARGETS.get(file.getName(1).toString());
        assertThat(target).isNotNull();
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            target.accept(input);
            Random random = new Random(42);
            for (int i = 0; i < 200 && input.length > 0; i++) {
                byte[] bent = Arrays.copyOf(input, 1 + random.nextInt(input.length));
                for (int n = random.nextInt(4); n > 0; n--) bent[random.nextInt(bent.length)] = (byte) random.nextInt(256);
                target.accept(bent);
            }
        });
    }
}
