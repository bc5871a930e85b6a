package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** libbpf's own messages: to DEBUG, and the last of them kept for the error that follows. libbpf holds one pointer for the process: ours is
 *  taken back with the last object, or it would keep the classes of a bundle that was swapped for another. */
final class BpfLog {
    private static final System.Logger LOG = System.getLogger("heddle.steer.libbpf");
    private static final int KEPT = 40;
    private static final Deque<String> LAST = new ArrayDeque<>();
    private static int users;
    private static Arena arena = Arena.global();
    private static MemorySegment printer = MemorySegment.NULL;

    private BpfLog() {}

    static synchronized void install() {
        if (users++ > 0) return;
        arena = Arena.ofShared();
        try (Arena call = Arena.ofConfined()) {
            printer = Linker.nativeLinker().upcallStub(
                    MethodHandles.lookup().findStatic(BpfLog.class, "print", MethodType.methodType(int.class, int.class, MemorySegment.class, MemorySegment.class)),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS), arena);
            Libbpf.setPrint(Errno.allocate(call), printer);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** By the time the last object is closed, the bundle that follows has put its own printer in place. */
    static synchronized void release() {
        if (--users > 0) return;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            MemorySegment last = Libbpf.setPrint(errno, MemorySegment.NULL);
            if (last.address() != printer.address()) Libbpf.setPrint(errno, last);
        }
        arena.close();
    }

    /** Called by libbpf with a va_list. An exception that leaves an upcall ends the JVM, so none does. */
    private static int print(int level, MemorySegment format, MemorySegment arguments) {
        if (level > 1) return 0;    // LIBBPF_DEBUG
        try (Arena call = Arena.ofConfined()) {
            MemorySegment buffer = call.allocate(8192);
            int length = Libc.vsnprintf(Errno.allocate(call), buffer, buffer.byteSize(), format, arguments);
            if (length <= 0) return 0;
            String text = buffer.getString(0).strip();
            synchronized (LAST) {
                if (LAST.size() == KEPT) LAST.removeFirst();
                LAST.addLast(text);
            }
            LOG.log(System.Logger.Level.DEBUG, text);
        } catch (Throwable swallowed) {
            return 0;
        }
        return 0;
    }

    static List<String> last() {
        synchronized (LAST) {
            return List.copyOf(LAST);
        }
    }

    static void forget() {
        synchronized (LAST) {
            LAST.clear();
        }
    }
}
