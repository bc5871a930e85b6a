package heddle.core.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A thread that runs calls of one plugin. Linux tells how it fares: whether it could run, and how long it did. */
final class PluginThread extends Thread {
    private static final Path SELF = Path.of("/proc/thread-self");
    private volatile long id;

    PluginThread(ThreadGroup group, Runnable work, String name) {
        super(group, work, name);
        setDaemon(true);
    }

    @Override public void run() {
        id = kernelId();
        super.run();
    }

    /** The kernel's id of the thread that asks; 0: not known. */
    static long kernelId() {
        try {
            return Long.parseLong(Files.readSymbolicLink(SELF).getFileName().toString());
        } catch (IOException | RuntimeException notLinux) {
            return 0;
        }
    }

    /** The kernel's id of it; 0: not known. */
    long id() {
        return id;
    }

    /** @param runnable it runs or would, if there was a processor for it; else it waits for something of its own
     *  @param cpuNanos how long it has run so far */
    record Sample(boolean runnable, long cpuNanos) {
        /** Nothing is known: all time counts. */
        static final Sample UNKNOWN = new Sample(false, 0);
    }

    Sample sample() {
        return sample(id);
    }

    /** @param id the kernel's, of any thread of this process */
    static Sample sample(long id) {
        if (id == 0) return Sample.UNKNOWN;
        try {
            Path task = Path.of("/proc/self/task/" + id);
            String stat = Files.readString(task.resolve("stat"));
            String schedule = Files.readString(task.resolve("schedstat"));
            return new Sample(stat.charAt(stat.lastIndexOf(')') + 2) == 'R', Long.parseLong(schedule.substring(0, schedule.indexOf(' '))));
        } catch (IOException | RuntimeException gone) {
            return Sample.UNKNOWN;
        }
    }
}
