package heddle.launcher;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Linux's own priority of one thread: Java's priorities change nothing there by default. In the launcher because core has no native
 *  calls, and it must work whichever steering runs. */
final class ThreadPriority {
    private static final int PRIO_PROCESS = 0;
    private static final int LOWEST = 19;
    private static final Optional<MethodHandle> SETPRIORITY = Linker.nativeLinker().defaultLookup().find("setpriority")
            .map(address -> Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT)));

    private ThreadPriority() {}

    /** @param thread the kernel's id. @return false: the thread has ended, or the system does not let it */
    static boolean lowest(int thread) {
        if (SETPRIORITY.isEmpty()) return false;
        try {
            return (int) SETPRIORITY.get().invokeExact(PRIO_PROCESS, thread, LOWEST) == 0;
        } catch (Throwable never) {
            throw new AssertionError(never);
        }
    }
}
