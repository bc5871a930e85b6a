package heddle.policy.internal.filter;

import heddle.api.identity.Client;
import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.HttpMatch;
import heddle.api.model.Metadata;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.Exchange;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.Subrequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a filter is made from and what surrounds its call, in memory. */
final class Scene implements Exchange {
    InetSocketAddress destination = new InetSocketAddress("127.96.0.1", 80);
    Client client = Client.UNKNOWN;
    Optional<byte[]> body = Optional.empty();
    int random;
    final List<Subrequest> calls = new ArrayList<>();
    final List<String> mirrors = new ArrayList<>();
    final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Runnable> endTasks = new ArrayList<>();
    private final Map<Object, Object> notes = new IdentityHashMap<>();

    static HttpMatch prefix(String value) {
        return new HttpMatch(new PathMatch.Prefix(value), List.of(), List.of(), Optional.empty());
    }

    static FilterSpec spec(RouteFilter filter, RouteMatch... matches) {
        return new Spec(filter, Optional.empty(), List.of(matches));
    }

    /** An ExtensionRef to a resource of ours. */
    static FilterSpec resource(String kind, Map<String, Object> spec) {
        CustomObject object = new CustomObject(Metadata.of(kind, "shop", "it"), "heddle.io", "v1alpha1", spec);
        return new Spec(new RouteFilter.ExtensionRef("heddle.io", kind, "it"), Optional.of(object), List.of(HttpMatch.ANY));
    }

    record Spec(RouteFilter filter, Optional<CustomObject> resource, List<RouteMatch> matches) implements FilterSpec {
        @Override public String where() {
            return "HTTPRoute shop/cart rule 0 filter 0";
        }

        @Override public Backend backend(BackendRef ref) {
            return () -> "shop/" + ref.name() + ":" + ref.port().orElse(80);
        }
    }

    @Override public Client client() {
        return client;
    }

    @Override public InetSocketAddress destination() {
        return destination;
    }

    @Override public String route() {
        return "HTTPRoute shop/cart";
    }

    @Override public String rule() {
        return "0";
    }

    @Override public Optional<byte[]> body() {
        return body;
    }

    @Override public void put(Object key, Object value) {
        notes.put(key, value);
    }

    @Override public Optional<Object> get(Object key) {
        return Optional.ofNullable(notes.get(key));
    }

    @Override public CompletionStage<Answer> call(Backend backend, Subrequest request, Duration limit) {
        calls.add(request);
        return answer;
    }

    @Override public void mirror(Backend backend) {
        mirrors.add(backend.name());
    }

    @Override public void onEnd(Runnable task) {
        endTasks.add(task);
    }

    void end() {
        endTasks.forEach(Runnable::run);
        endTasks.clear();
    }

    @Override public int random(int bound) {
        return random % bound;
    }
}
