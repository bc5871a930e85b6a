package ${package};

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import heddle.testkit.GivenSpec;
import heddle.testkit.PredicateContract;
import java.util.Map;

class TierMatchTest extends PredicateContract {
    @Override protected PredicateFactory factory() {
        return new TierMatch();
    }

    @Override protected CustomObject good() {
        return GivenSpec.object(TierMatch.TYPE, Map.of("tier", "gold"));
    }

    @Override protected Map<String, CustomObject> bad() {
        return Map.of("spec.tier", GivenSpec.object(TierMatch.TYPE, Map.of()));
    }

    @Override protected RequestHead matching() {
        return from("gold");
    }

    @Override protected RequestHead other() {
        return from("tin");
    }

    private static RequestHead from(String tier) {
        try {
            return GivenRequest.of("GET", "/").from(new Client.Known("default", "web", "web", Map.of("tier", tier)));
        } catch (BadPathException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
