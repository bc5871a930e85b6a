package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.isolation.Leash;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassHierarchyResolver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        String name = Code.class.getName();
        byte[] original;
        try (InputStream in = Code.class.getResourceAsStream("PluginWeaverTest$Code.class")) {
            original = in.readAllBytes();
        }
        byte[] bytes = PluginWeaver.rewrite(original, ClassHierarchyResolver.defaultResolver());
        ClassLoader loader = new ClassLoader(PluginWeaverTest.class.getClassLoader()) {
            @Override protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
                if (!wanted.equals(name)) return super.loadClass(wanted, resolve);
                Class<?> known = findLoadedClass(wanted);
                return known == null ? defineClass(wanted, bytes, 0, bytes.length) : known;
            }
        };
        var constructor = loader.loadClass(name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (IntUnaryOperator) constructor.newInstance();
    }

    @ParameterizedTest(name = "loop {0}")
    @ValueSource(ints = {0, 1, 2, 3})
    void aLoopWithoutEndEndsWhenItsThreadIsPulled(int loop) throws Exception {
        IntUnaryOperator code = woven();
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                code.applyAsInt(loop);
            } catch (Throwable thrown) {
                end.set(thrown);
            }
        });
        Leash.pull(thread);
        thread.join(60_000);
        Leash.release(thread);
        assertThat(end.get()).isInstanceOf(Leash.AbortedCall.class);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(ints = {4, 5, 6, 7})
    void whatEndsOrLeavesTheDaemonThrows(int what) throws Exception {
        IntUnaryOperator code = woven();
        assertThatThrownBy(() -> code.applyAsInt(what)).isInstanceOf(SecurityException.class).hasMessageContaining("is not for plugins");
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
