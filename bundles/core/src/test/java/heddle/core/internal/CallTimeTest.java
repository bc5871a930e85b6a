package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What counts against a call's budget. */
class CallTimeTest {
    private static final long MS = 1_000_000;

    private static PluginThread.Sample runnable(long cpuMillis) {
        return new PluginThread.Sample(true, cpuMillis * MS);
    }

    private static PluginThread.Sample waits(long cpuMillis) {
        return new PluginThread.Sample(false, cpuMillis * MS);
    }

    @Test void aThreadThatGetsNoProcessorUsesNothing() {
        CallTime time = new CallTime(0, 100 * MS, runnable(1));
        assertThat(time.look(5_000 * MS, runnable(1))).isEqualTo(MS);
        assertThat(time.look(9_000 * MS, runnable(41))).isEqualTo(41 * MS);
    }

    @Test void aSpinUsesWhatItGetsAndABlockedCallUsesTimeItself() {
        CallTime spins = new CallTime(0, 100 * MS, runnable(90));
        assertThat(spins.look(300 * MS, runnable(280))).isEqualTo(280 * MS);
        CallTime blocks = new CallTime(0, 100 * MS, waits(1));
        assertThat(blocks.look(700 * MS, waits(1))).isEqualTo(700 * MS);
    }

    @Test void whereTheKernelTellsNothingAllTimeCounts() {
        CallTime time = new CallTime(0, 100 * MS, PluginThread.Sample.UNKNOWN);
        assertThat(time.look(300 * MS, PluginThread.Sample.UNKNOWN)).isEqualTo(300 * MS);
    }

    @Test void theTimeInWhichEverythingStoodStillIsNobodys() {
        WatchClock clock = new WatchClock(20 * MS, 0);
        assertThat(clock.advance(20 * MS)).isEqualTo(20 * MS);
        assertThat(clock.advance(55 * MS)).as("a little late is not still").isEqualTo(55 * MS);
        assertThat(clock.advance(3_055 * MS)).isEqualTo(75 * MS);
        assertThat(clock.advance(3_075 * MS)).isEqualTo(95 * MS);
    }

    @Test @Timeout(60) void theKernelTellsWhatAThreadDoes() throws Exception {
        CompletableFuture<Void> spin = new CompletableFuture<>();
        PluginThread thread = new PluginThread(Thread.currentThread().getThreadGroup(), () -> {
            while (!spin.isDone()) Thread.onSpinWait();
            while (!Thread.interrupted()) LockSupport.park();
        }, "sampled");
        thread.start();
        PluginThread.Sample busy = until(thread, sample -> sample.runnable() && sample.cpuNanos() > 50 * MS);
        spin.complete(null);
        until(thread, sample -> !sample.runnable() && sample.cpuNanos() >= busy.cpuNanos());
        thread.interrupt();
        thread.join();
        until(thread, PluginThread.Sample.UNKNOWN::equals);       // the kernel's thread ends a little after Java's
    }

    private static PluginThread.Sample until(PluginThread thread, Predicate<PluginThread.Sample> wanted) throws InterruptedException {
        while (true) {
            PluginThread.Sample sample = thread.sample();
            if (wanted.test(sample)) return sample;
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }
}
