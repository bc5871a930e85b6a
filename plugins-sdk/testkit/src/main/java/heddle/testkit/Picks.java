package heddle.testkit;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import heddle.api.policy.Endpoint;
import heddle.api.policy.PickContext;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a balancer is asked with, in memory. Immutable. */
public record Picks(List<Endpoint> ready, Client client, String source, Optional<RequestHead> head, List<Endpoint> tried) implements PickContext {
    public static Picks of(List<Endpoint> ready) {
        return new Picks(ready, Client.UNKNOWN, "127.0.0.1", Optional.empty(), List.of());
    }

    public Picks without(Endpoint... failed) {
        return new Picks(ready, client, source, head, List.of(failed));
    }

    public Picks from(String address) {
        return new Picks(ready, client, address, head, tried);
    }

    public Picks with(RequestHead request) {
        return new Picks(ready, client, source, Optional.of(request), tried);
    }

    /** Endpoints in two zones on four nodes, each with an address of its own. */
    public static List<Endpoint> endpoints(int count) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < count; i++) endpoints.add(endpoint(i, "z" + i % 2, "n" + i % 4));
        return endpoints;
    }

    public static Endpoint endpoint(int i, String zone, String node) {
        return new Endpoint(new InetSocketAddress("127.1." + i / 250 + "." + (1 + i % 250), 8080), zone, node);
    }
}
