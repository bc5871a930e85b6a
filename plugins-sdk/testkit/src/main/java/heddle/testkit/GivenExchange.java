package heddle.testkit;

import heddle.api.identity.Client;
import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.Exchange;
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

/** What surrounds a filter's call, in memory: it notes what the filter asks for and sends nothing. One exchange, not for several threads. */
public final class GivenExchange implements Exchange {
    private InetSocketAddress destination = new InetSocketAddress("127.96.0.1", 80);
    private Client client = Client.UNKNOWN;
    private Optional<byte[]> body = Optional.empty();
    private boolean shown = true;
    private int random;
    private final List<Subrequest> calls = new ArrayList<>();
    private final List<String> mirrors = new ArrayList<>();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Runnable> endTasks = new ArrayList<>();
    private final Map<Object, Object> notes = new IdentityHashMap<>();

    public GivenExchange from(Client newClient) {
        client = newClient;
        return this;
    }

    public GivenExchange to(InetSocketAddress service) {
        destination = service;
        return this;
    }

    /** With a request body that was held for the filter. */
    public GivenExchange body(byte[] held) {
        body = Optional.of(held);
        return this;
    }

    /** What was held, whether the filter under way gets it or not. */
    Optional<byte[]> held() {
        return body;
    }

    void showBody(boolean show) {
        shown = show;
    }

    /** What {@link #random} gives from now on, modulo its bound. */
    public GivenExchange dice(int value) {
        random = value;
        return this;
    }

    /** Subrequests so far. */
    public List<Subrequest> calls() {
        return List.copyOf(calls);
    }

    /** Names of the backends that got a copy of the request. */
    public List<String> mirrors() {
        return List.copyOf(mirrors);
    }

    /** Complete it to answer the subrequests. */
    public CompletableFuture<Answer> answer() {
        return answer;
    }

    /** The exchange ends. */
    public void end() {
        endTasks.forEach(Runnable::run);
        endTasks.clear();
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
        return shown ? body : Optional.empty();
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

    @Override public int random(int bound) {
        return random % bound;
    }
}
