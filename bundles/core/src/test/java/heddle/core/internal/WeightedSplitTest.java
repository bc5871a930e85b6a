package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPEC.md B1: share = weight / sum of weights; decision 0002: exact over short runs and every regular sub-run. */
class WeightedSplitTest {
    private static WeightedSplit split(int... weights) {
        List<WeightedSplit.Share> shares = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) shares.add(new WeightedSplit.Share(new FailedBackend("b" + i, Failure.INVALID_BACKEND), weights[i]));
        return new WeightedSplit(shares);
    }

    @ParameterizedTest(name = "90/10 over {0} requests")
    @CsvSource({"100, 2.5", "1000, 3", "10000, 4"})
    void aShortRunIsNearlyExact(int requests, double slack) {
        for (int round = 0; round < 50; round++) {
            WeightedSplit split = split(90, 10);
            long second = IntStream.range(0, requests).filter(i -> split.next().name().equals("b1")).count();
            assertThat((double) second).isBetween(requests / 10.0 - slack, requests / 10.0 + slack);
        }
    }

    /** A client that alternates requests must not see one backend only. */
    @ParameterizedTest(name = "every request number {0}")
    @ValueSource(ints = {2, 3, 5, 10, 100})
    void everyRegularSubRunHasTheSameShares(int step) {
        WeightedSplit split = split(90, 10);
        int second = 0;
        for (int i = 0; i < 1000 * step; i++) {
            String chosen = split.next().name();
            if (i % step == 0 && chosen.equals("b1")) second++;
        }
        assertThat(second).isBetween(85, 115);
    }

    @Test void equalWeightsNeverStarveOne() {
        WeightedSplit split = split(1, 1);
        int run = 0;
        String last = "";
        for (int i = 0; i < 10_000; i++) {
            String chosen = split.next().name();
            run = chosen.equals(last) ? run + 1 : 1;
            last = chosen;
            assertThat(run).isLessThanOrEqualTo(2);
        }
    }

    @Test void theLargestWeightsDoNotOverflow() {
        WeightedSplit split = split(1_000_000, 1_000_000, 1_000_000, 1, 0);
        int[] counts = new int[5];
        for (int i = 0; i < 30_000; i++) counts[split.next().name().charAt(1) - '0']++;
        assertThat(counts[0]).isBetween(9_990, 10_010);
        assertThat(counts[4]).isZero();
    }

    @Test void threadsOfTheirOwnKeepTheShares() throws InterruptedException {
        WeightedSplit split = split(90, 10);
        java.util.concurrent.atomic.LongAdder second = new java.util.concurrent.atomic.LongAdder();
        List<Thread> threads = IntStream.range(0, 8).mapToObj(i -> Thread.ofPlatform().start(() -> {
            for (int j = 0; j < 1000; j++) if (split.next().name().equals("b1")) second.increment();
        })).toList();
        for (Thread thread : threads) thread.join();
        assertThat(second.sum()).isBetween(770L, 830L);
    }
}
