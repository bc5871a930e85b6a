package heddle.source.file.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckTest {
    @TempDir Path temp;

    @Test void everyProblemOfEveryFileIsNamedWithFileLineAndField() throws Exception {
        Path first = Files.writeString(temp.resolve("a.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: a}
                spec: {clusterIP: 127.96.1.1, ports: [{port: 80}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: b}
                spec: {clusterIP: 127.96.1.1, ports: [{port: 99999}]}
                """);
        Path second = Files.writeString(temp.resolve("b.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: c}
                spec:
                  clusterIP: 127.96.1.1
                  ports: [{port: 80, portName: x}]
                """);
        Check.Result result = Check.manifests(List.of(temp, temp.resolve("none")), "127.96.0.0/16", List.of());
        assertThat(result.problems()).extracting(Object::toString).containsExactly(
                temp.resolve("none") + ": is not there yet; it will be read when it appears",
                first + ":9: Service default/b: spec.ports[0].port: the number 99999 (expected: a whole number from 1 to 65535)",
                second + ":1: Service default/c: spec.clusterIP: 127.96.1.1 is the address of Service default/a "
                        + "(expected: an address that no other Service has); it is not in force");
        assertThat(result.notes()).extracting(Object::toString)
                .containsExactly(second + ":6: Service default/c: spec.ports[0].portName: unknown field, ignored");
        assertThat(result.objects()).isEqualTo(2);
    }
}
