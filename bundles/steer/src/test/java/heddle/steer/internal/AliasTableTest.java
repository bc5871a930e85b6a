package heddle.steer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AliasTableTest {
    /** The share that each choice gets of all draws: what stays in its column plus what other columns send it. */
    private static double[] shares(AliasTable table) {
        int n = table.keep().length;
        double[] shares = new double[n];
        for (int column = 0; column < n; column++) {
            double keep = table.alias()[column] == column ? 1 : table.keep()[column] / 4294967296.0;
            shares[column] += keep / n;
            shares[table.alias()[column]] += (1 - keep) / n;
        }
        return shares;
    }

    private static void check(List<Integer> weights) {
        double total = weights.stream().mapToLong(Integer::longValue).sum();
        double[] shares = shares(AliasTable.of(weights));
        for (int i = 0; i < weights.size(); i++) {
            assertThat(shares[i]).as("weight " + weights.get(i) + " of " + weights).isCloseTo(weights.get(i) / total, within(1e-8));
        }
    }

    @Test void everyChoiceGetsItsExactShare() {
        for (List<Integer> weights : List.of(List.of(1), List.of(3, 1), List.of(1, 1, 1), List.of(90, 10), List.of(1, 1_000_000), List.of(5, 3, 0 + 2))) check(weights);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 100, 1000})
    void randomWeightsToo(int n) {
        Random random = new Random(n);
        List<Integer> weights = new ArrayList<>();
        for (int i = 0; i < n; i++) weights.add(1 + random.nextInt(1_000_000));
        check(weights);
    }

    @Test void noChoiceIsAnEmptyTable() {
        assertThat(AliasTable.of(List.of()).keep()).isEmpty();
    }
}
