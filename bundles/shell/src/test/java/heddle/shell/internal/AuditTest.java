package heddle.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Issue "plugins": an audit line for each command that changes something, the framework's own included. */
class AuditTest {
    @ParameterizedTest
    @ValueSource(strings = {"felix:stop heddle.match", "stop 5", "felix:install file:/x.jar", "uninstall 5", "update 5", "refresh", "start 5", "lb | stop 5", "lb; stop 5", "lb\tx && stop 5",
        "mesh:routes $(stop 5)", "lb `stop 5`", "$.context installBundle x", "(bundle 5) stop", "x = 1", "each [1 2] { stop $it }", "felix:startlevel 3", "mesh:stop; felix:stop 5", "lb > /tmp/x"})
    void whatMayChangeSomethingIsTold(String line) {
        assertThat(Audit.concerns(line)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "lb", "felix:lb -s", "headers heddle.match", "mesh:routes | grep \"oven x\"", "help", "mesh:deploy /tmp/x.jar", "mesh:logs --level heddle.core=debug"})
    void whatOnlyReadsOrTellsItselfIsNot(String line) {
        assertThat(Audit.concerns(line)).isFalse();
    }
}
