package heddle.api.isolation;

import java.lang.invoke.MethodHandles;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/** Calls that are woven into plugins' classes: at every loop's way back, and where a method that calls others begins, {@link #look}; in front of what would
 *  end or leave the daemon {@link #refuse}; in front of a new array {@link #room}. An instance is a bundle's own. Any thread; with nothing to end a look is
 *  two reads of fields. */
public final class Leash {
    private static final Map<ClassLoader, Leash> ALL = Collections.synchronizedMap(new WeakHashMap<>());
    private static final Set<Thread> ABORTED = ConcurrentHashMap.newKeySet();
    private static final long HEAP = Runtime.getRuntime().maxMemory();
    private static volatile boolean any;

    private volatile boolean cut;

    private Leash() {}

    /** That of the class's bundle: what its dynamic constant is made with. */
    public static Leash of(MethodHandles.Lookup plugin, String name, Class<?> type) {
        return of(plugin.lookupClass().getClassLoader());
    }

    /** @param bundle its class loader */
    public static Leash of(ClassLoader bundle) {
        return ALL.computeIfAbsent(bundle, each -> new Leash());
    }

    /** Ends the thread's work when its call is to be aborted, or the bundle's classes are to do nothing any more. */
    public void look() {
        if (cut) throw new AbortedCall();
        check();
    }

    /** @param now from now on every look throws, on whatever thread; or not any more */
    public void cut(boolean now) {
        cut = now;
    }

    /** Ends the thread's work when its call is to be aborted; for classes that are too old for a leash of their own. */
    public static void check() {
        if (any && ABORTED.contains(Thread.currentThread())) throw new AbortedCall();
    }

    /** @param what the method that the plugin called */
    public static void refuse(String what) {
        throw new SecurityException(what + " is not for plugins: it would end or leave the daemon that other workloads' traffic runs through");
    }

    /** An array that can never be fails at once: the JDK would first collect the whole heap, twice, while all others wait.
     *  @param bytes of one element */
    public static void room(int length, int bytes) {
        if ((long) length * bytes > HEAP) throw new OutOfMemoryError("an array of " + length + " elements is larger than the heap");
    }

    /** From now on the thread's next check throws, until {@link #release}. */
    public static synchronized void pull(Thread thread) {
        ABORTED.add(thread);
        any = true;
    }

    /** To be called when the thread's call has ended, on whatever thread. */
    public static void release(Thread thread) {
        if (!any) return;
        synchronized (Leash.class) {
            if (ABORTED.remove(thread)) any = !ABORTED.isEmpty();
        }
    }

    /** Lets go of threads that have ended without {@link #release}: those that a plugin started. */
    public static synchronized void forgetDead() {
        if (ABORTED.removeIf(thread -> !thread.isAlive())) any = !ABORTED.isEmpty();
    }

    /** Thrown into a call that took too long; no Exception, so that a plugin's own catch does not take it for one of its own. */
    public static final class AbortedCall extends Error {
        private static final long serialVersionUID = 1L;

        AbortedCall() {
            super("aborted: the call took longer than plugins.budget, or its plugin has left");
        }
    }
}
