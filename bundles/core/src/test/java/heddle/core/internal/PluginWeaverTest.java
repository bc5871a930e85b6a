package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.isolation.Leash;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.hooks.weaving.WeavingException;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.framework.wiring.BundleWiring;

/** Woven classes do what they did, and end when they are to. */
@Timeout(120)
class PluginWeaverTest {
    /** The code of a plugin, as javac makes it. */
    static final class Code implements IntUnaryOperator {
        @Override public int applyAsInt(int what) {
            return switch (what) {
                case 0 -> spinWhile();
                case 1 -> spinFor();
                case 2 -> spinDo();
                case 3 -> spinNested();
                case 4 -> exit();
                case 5 -> halt();
                case 6 -> exec();
                case 7 -> start();
                case -1 -> new long[Integer.MAX_VALUE - 8].length;
                case -2 -> new Object[Integer.MAX_VALUE - 8].length;
                case -3 -> new long[1000].length + new String[10].length + new boolean[1][2].length;
                case 100 -> exitByReference();
                case 101 -> haltByReference();
                case 102 -> ((Supplier<IntConsumer>) () -> System::exit).get() == null ? 1 : 2;
                default -> honest(what);
            };
        }

        private static int spinWhile() {
            int n = 0;
            while (true) n++;
        }

        private static int spinFor() {
            long sum = 0;
            for (long i = 0; i >= 0; i = (i + 1) & Long.MAX_VALUE) sum += i;
            return (int) sum;
        }

        private static int spinDo() {
            int n = 0;
            do {
                n ^= 1;
            } while (n < 2);
            return n;
        }

        private static int spinNested() {
            while (true) {
                try {
                    for (int i = 0; i < 1000; i++) if (i == 999) break;
                } catch (RuntimeException swallowed) {
                    continue;
                }
            }
        }

        private static int exit() {
            System.exit(3);
            return 0;
        }

        private static int halt() {
            Runtime.getRuntime().halt(3);
            return 0;
        }

        private static int exec() {
            try {
                return Runtime.getRuntime().exec(new String[] {"true"}).hashCode();
            } catch (IOException e) {
                return 0;
            }
        }

        private static int start() {
            try {
                return new ProcessBuilder("true").start().hashCode();
            } catch (IOException e) {
                return 0;
            }
        }

        private static int exitByReference() {
            IntConsumer exit = System::exit;
            exit.accept(3);
            return 0;
        }

        private static int haltByReference() {
            IntConsumer halt = Runtime.getRuntime()::halt;
            halt.accept(3);
            return 0;
        }

        private static int honest(int to) {
            List<String> words = new ArrayList<>();
            int sum = 0;
            outer:
            for (int i = 0; i < to; i++) {
                for (int j = 0; ; j++) {
                    if (j > i) continue outer;
                    switch (j % 3) {
                        case 0 -> sum += j;
                        case 1 -> words.add("x" + j);
                        default -> sum--;
                    }
                }
            }
            for (String word : words) sum += word.length();
            return sum;
        }
    }

    private static IntUnaryOperator woven() throws Exception {
        var constructor = new Woven(Code.class.getName()).loadClass(Code.class.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (IntUnaryOperator) constructor.newInstance();
    }

    /** The framework weaves nothing any more, for anybody, after a hook has thrown anything else. */
    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class, IllegalStateException.class, LinkageError.class})
    void whatGoesWrongWhileAClassIsWovenIsAWeavingException(Class<? extends Throwable> fault) {
        BundleContext context = stub(BundleContext.class, Map.of());
        Bundle bundle = stub(Bundle.class, Map.of("getBundleId", () -> 77L, "getSymbolicName", () -> "acme", "getLocation", () -> "plugin:acme.jar"));
        BundleWiring wiring = stub(BundleWiring.class, Map.of("getBundle", () -> bundle, "getClassLoader", () -> getClass().getClassLoader()));
        WovenClass woven = stub(WovenClass.class, Map.of("getClassName", () -> "acme.Filter", "getBundleWiring", () -> wiring, "getBytes", () -> {
            Throwable planned = fault.getConstructor().newInstance();
            if (planned instanceof Error error) throw error;
            throw (RuntimeException) planned;
        }));
        assertThatThrownBy(() -> new PluginWeaver(context).weave(woven)).isInstanceOf(WeavingException.class);
    }

    private static <T> T stub(Class<T> type, Map<String, Callable<Object>> answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            Callable<Object> answer = answers.get(method.getName());
            return answer == null ? null : answer.call();
        }));
    }

    @ParameterizedTest(name = "loop {0}")
    @ValueSource(ints = {0, 1, 2, 3})
    void aLoopWithoutEndEndsWhenItsThreadIsPulled(int loop) throws Exception {
        assertThat(Woven.ended(woven(), loop, Leash::pull)).isInstanceOf(Leash.AbortedCall.class);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(ints = {4, 5, 6, 7, 100, 101})
    void whatEndsOrLeavesTheDaemonThrows(int what) throws Exception {
        IntUnaryOperator code = woven();
        assertThatThrownBy(() -> code.applyAsInt(what)).isInstanceOf(SecurityException.class).hasMessageContaining("is not for plugins");
    }

    /** Libraries offer them as defaults that nobody uses. */
    @Test
    void aReferenceToWhatEndsTheDaemonMayBeMade() throws Exception {
        assertThat(woven().applyAsInt(102)).isEqualTo(2);
    }

    /** The pom says what the heap is. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(ints = {-1, -2})
    void anArrayLargerThanTheHeapFailsBeforeAllIsCollectedForIt(int what) throws Exception {
        IntUnaryOperator code = woven();
        assertThatThrownBy(() -> code.applyAsInt(what)).isInstanceOf(OutOfMemoryError.class).hasMessage("an array of 2147483639 elements is larger than the heap");
        assertThat(code.applyAsInt(-3)).isEqualTo(1011);
    }

    @Test
    void honestCodeGivesWhatItGave() throws Exception {
        IntUnaryOperator code = woven();
        for (int n = 8; n < 60; n++) assertThat(code.applyAsInt(n)).isEqualTo(new Code().applyAsInt(n));
    }
}
