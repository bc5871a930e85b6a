package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the handles of one C library, every one of which captures errno, and remembers the signatures for the test that compares
 *  them with the header. */
final class Native {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final MemoryLayout PTR = ValueLayout.ADDRESS;

    private final SymbolLookup library;
    private final Map<String, FunctionDescriptor> signatures = new LinkedHashMap<>();

    Native(SymbolLookup library) {
        this.library = library;
    }

    MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return bind(name, FunctionDescriptor.of(result, parameters), Linker.Option.captureCallState("errno"));
    }

    MethodHandle procedure(String name, MemoryLayout... parameters) {
        return bind(name, FunctionDescriptor.ofVoid(parameters), Linker.Option.captureCallState("errno"));
    }

    MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... parameters) {
        return bind(name, FunctionDescriptor.of(result, parameters),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(fixed));
    }

    private MethodHandle bind(String name, FunctionDescriptor signature, Linker.Option... options) {
        signatures.put(name, signature);
        return Linker.nativeLinker().downcallHandle(library.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("no function " + name + " in the native library (libbpf 1.0 or later is needed)")), signature, options);
    }

    Map<String, FunctionDescriptor> signatures() {
        return signatures;
    }

    static MemorySegment text(Arena call, String text) {
        return call.allocateFrom(text);
    }

    /** Only reached when a handle is called with other types than its descriptor's: a bug here. */
    static AssertionError wrongTypes(Throwable thrown) {
        if (thrown instanceof Error error) throw error;
        if (thrown instanceof RuntimeException runtime) throw runtime;
        return new AssertionError(thrown);
    }
}
