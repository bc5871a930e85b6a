package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadPriorityTest {
    @Test void aThreadGetsTheLowestPriorityOfTheKernelAndOthersKeepTheirs() throws Exception {
        CompletableFuture<Integer> id = new CompletableFuture<>();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                id.complete(Integer.valueOf(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString()));
                end.await();
            } catch (Exception e) {
                id.completeExceptionally(e);
            }
        });
        int mine = nice(Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString()));
        assertThat(ThreadPriority.lowest(id.get())).isTrue();
        assertThat(nice(id.get())).isEqualTo(19);
        assertThat(nice(Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString()))).isEqualTo(mine);
        end.countDown();
        thread.join();
        assertThat(ThreadPriority.lowest(0x3fffffff)).as("no such thread").isFalse();
    }

    /** Field 19 of /proc/PID/stat. */
    private static int nice(int thread) throws Exception {
        String stat = Files.readString(Path.of("/proc/self/task/" + thread + "/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    }
}
