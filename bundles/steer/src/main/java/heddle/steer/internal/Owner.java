package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which process has the maps: pid in the upper half, the low half of its start time below, so that a reused pid is not mistaken for it. */
final class Owner {
    private Owner() {}

    static long self() {
        return of(ProcessHandle.current().pid());
    }

    /** 0 when there is no such process. */
    private static long of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String started = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
            return pid << 32 | Long.parseLong(started) & 0xffffffffL;
        } catch (IOException gone) {
            return 0;
        }
    }

    static long pid(long owner) {
        return owner >>> 32;
    }

    static boolean alive(long owner) {
        return owner != 0 && of(pid(owner)) == owner;
    }
}
