package heddle.sample.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import heddle.testkit.GivenSpec;
import heddle.testkit.PredicateContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TenantMatchTest extends PredicateContract {
    @Override protected PredicateFactory factory() {
        return new TenantMatchFactory();
    }

    private static CustomObject spec(Map<String, Object> fields) {
        return GivenSpec.object(TenantMatchFactory.TYPE, fields);
    }

    private static Map<String, Object> in(String name, Map<String, Object> from) {
        return Map.of("in", List.of(name, "other"), "from", from);
    }

    @Override protected CustomObject good() {
        return spec(Map.of("tenants", in("acme", Map.of("label", "tenant")), "regions", in("eu", Map.of("header", "X-Region"))));
    }

    @Override protected Map<String, CustomObject> bad() {
        return Map.of("spec", spec(Map.of()), "spec.tenant", spec(Map.of("tenant", Map.of())), "spec.tenants.in", spec(Map.of("tenants", Map.of("from", Map.of("header", "x")))),
                "spec.regions.from", spec(Map.of("regions", in("eu", Map.of("moon", "x")))), "spec.tenants.from", spec(Map.of("tenants", in("a", Map.of("header", "a b")))));
    }

    private static GivenRequest request(String tenant, String region) {
        try {
            return GivenRequest.of("GET", "/").with("x-region", region).from(new Client.Known("shop", "web", "sa", Map.of("tenant", tenant)));
        } catch (BadPathException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override protected RequestHead matching() {
        return request("acme", "eu");
    }

    @Override protected RequestHead other() {
        return request("acme", "us");
    }

    @ParameterizedTest(name = "tenant {0} in {1}: {2}")
    @CsvSource({"acme, eu, true", "other, eu, true", "acme, us, false", "globex, eu, false", "ACME, eu, false", "'', eu, false"})
    void bothHold(String tenant, String region, boolean matches) {
        assertThat(factory().create(good()).test(request(tenant, region))).isEqualTo(matches);
    }

    @Test
    void aNamespaceIsATenantToo() {
        assertThat(factory().create(spec(Map.of("tenants", in("shop", Map.of("namespace", true))))).test(matching())).isTrue();
        assertThat(factory().create(spec(Map.of("tenants", in("bank", Map.of("namespace", true))))).test(matching())).isFalse();
    }
}
