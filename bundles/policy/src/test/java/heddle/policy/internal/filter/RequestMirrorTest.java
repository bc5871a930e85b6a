package heddle.policy.internal.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.BackendRef;
import heddle.api.model.RouteFilter;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md F10; GEP-3171. */
class RequestMirrorTest {
    private static Filter mirror(int numerator, int denominator) throws InvalidFilterException {
        BackendRef backend = new BackendRef("", "Service", Optional.empty(), "copy", OptionalInt.of(8080), 1, List.of());
        return new RequestMirrorFactory().create(GivenSpec.of(new RouteFilter.Mirror(backend, numerator, denominator)));
    }

    @ParameterizedTest(name = "{0} of {1}: {2} of 1000")
    @CsvSource({"1, 1, 1000", "0, 100, 0", "25, 100, 250", "1, 1000, 1", "3, 4, 750", "100, 100, 1000"})
    void f10MirrorsTheShare(int numerator, int denominator, int expected) throws InvalidFilterException {
        Filter filter = mirror(numerator, denominator);
        GivenExchange scene = new GivenExchange();
        for (int i = 0; i < 1_000; i++) assertThat(filter.onRequest(EditedRequest.get("/"), scene.dice(i))).isEqualTo(FilterAction.CONTINUE);
        assertThat(scene.mirrors()).hasSize(expected).allMatch("shop/copy:8080"::equals);
    }

    @Test
    void refusesImpossibleShares() {
        assertThatThrownBy(() -> mirror(2, 1)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("fraction.numerator: 2");
        assertThatThrownBy(() -> mirror(0, 0)).isInstanceOf(InvalidFilterException.class).hasMessageContaining("fraction.denominator: 0");
    }
}
