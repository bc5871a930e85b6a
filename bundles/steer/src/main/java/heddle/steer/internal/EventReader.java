package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Reads the kernel's events on a thread of its own: a connect from a network namespace without a listener. */
final class EventReader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventReader.class.getName());
    private static final int POLL_MILLIS = 200;

    private final Arena arena = Arena.ofShared();
    /** Told of a workload's process that has connected in vain. */
    interface Unlistened {
        void by(long pid, int workload);
    }

    private final Unlistened unlistened;
    private final MemorySegment ring;
    private final Thread thread;
    private volatile boolean stopping;

    EventReader(BpfMap events, Unlistened unlistened) {
        this.unlistened = unlistened;
        try {
            MemorySegment callback = Linker.nativeLinker().upcallStub(
                    MethodHandles.lookup().bind(this, "event", MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class, long.class)),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG), arena);
            MemorySegment errno = Errno.allocate(arena);
            ring = Libbpf.ringNew(errno, events.fd(), callback, MemorySegment.NULL, MemorySegment.NULL);
            if (ring.address() == 0) throw new NativeException("open ring buffer", Errno.of(errno));
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
        thread = Thread.ofPlatform().daemon().name("heddle-steer-events").start(this::poll);
    }

    private void poll() {
        try (Arena mine = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(mine);
            while (!stopping) Libbpf.ringPoll(errno, ring, POLL_MILLIS);
        }
    }

    /** An exception that leaves an upcall ends the JVM. */
    private int event(MemorySegment context, MemorySegment data, long size) {
        try {
            if (size < Abi.EVENT.size()) return 0;
            Struct.Value event = Abi.EVENT.read(data.reinterpret(size));
            if (event.get("kind") == Abi.EV_NO_LISTENER) unlistened.by(event.get("pid"), (int) event.get("workload"));
        } catch (Throwable failed) {
            LOG.log(System.Logger.Level.WARNING, "event not handled", failed);
        }
        return 0;
    }

    /** Joins the thread before anything that it uses goes. */
    @Override public void close() {
        stopping = true;
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        Libbpf.ringFree(Errno.allocate(arena), ring);
        arena.close();
    }
}
