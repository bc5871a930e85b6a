package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.policy.FilterFactory;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.FilterChain;
import heddle.testkit.FilterContract;
import heddle.testkit.GivenSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rules that every filter keeps, and this one's own. */
class HeaderStampTest extends FilterContract {
    @Override protected FilterFactory factory() {
        return new HeaderStamp();
    }

    @Override protected GivenSpec good() {
        return GivenSpec.resource(HeaderStamp.TYPE, Map.of("header", "x-stamp", "value", "hello"));
    }

    @Override protected Map<String, GivenSpec> bad() {
        return Map.of("spec.header", GivenSpec.resource(HeaderStamp.TYPE, Map.of("value", "hello")), "spec.value", GivenSpec.resource(HeaderStamp.TYPE, Map.of("header", "x", "value", 7L)));
    }

    @Test
    void theHeaderIsSetWhateverTheClientSent() throws InvalidFilterException {
        FilterChain.Passage passage = FilterChain.of(factory().create(good())).send(EditedRequest.get("/").with("x-stamp", "forged"));
        assertThat(passage.request().header("x-stamp")).isEqualTo("hello");
    }
}
