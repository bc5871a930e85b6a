package heddle.core.internal;

import heddle.api.isolation.Leash;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassHierarchyResolver;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** Loads tests' classes whose names begin with a prefix again, woven. */
final class Woven extends ClassLoader {
    private static final ClassHierarchyResolver HERE = ClassHierarchyResolver.ofResourceParsing(Woven.class.getClassLoader()).orElse(ClassHierarchyResolver.defaultResolver());
    private final String prefix;

    Woven(String prefix) {
        super(Woven.class.getClassLoader());
        this.prefix = prefix;
    }

    @Override protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
        if (!wanted.startsWith(prefix)) return super.loadClass(wanted, resolve);
        synchronized (this) {
            Class<?> known = findLoadedClass(wanted);
            if (known != null) return known;
            try (InputStream in = getResourceAsStream(wanted.replace('.', '/') + ".class")) {
                return define(wanted, in.readAllBytes());
            } catch (IOException e) {
                throw new ClassNotFoundException(wanted, e);
            }
        }
    }

    Class<?> define(String name, byte[] original) {
        byte[] bytes = PluginWeaver.rewrite(original, HERE);
        return defineClass(name, bytes, 0, bytes.length);
    }

    /** Runs it on a thread of its own until that ends. */
    static Throwable ended(IntUnaryOperator code, int argument, Consumer<Thread> end) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                code.applyAsInt(argument);
            } catch (Throwable fault) {
                thrown.set(fault);
            }
        });
        end.accept(thread);
        thread.join(60_000);
        Leash.release(thread);
        return thrown.get();
    }
}
