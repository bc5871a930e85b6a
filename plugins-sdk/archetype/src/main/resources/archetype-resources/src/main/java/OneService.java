package ${package};

import heddle.api.model.MeshObject;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import heddle.gateway.Decoded;
import heddle.gateway.ManifestDecoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/** A route source that holds manifests in memory, whole states at a time. Take it as the place for your own: call {@code put} and
 *  {@code remove} when what you read has changed. Decoding and validation are the gateway's. */
@Component(service = RouteSource.class)
public final class OneService implements RouteSource {
    private final ManifestDecoder decoder = new ManifestDecoder();
    private final Map<String, Decoded> manifests = new TreeMap<>();
    private final List<SourceObserver> observers = new ArrayList<>();
    private State state = new State(1, List.of(), List.of());

    public OneService() {
        put("example", """
                {apiVersion: v1, kind: Service, metadata: {name: from-plugin, namespace: default}, spec: {clusterIP: 127.96.99.1, ports: [{port: 80}]}}
                """);
    }

    /** @param origin what messages call the text; only that text is decoded anew, so all other objects stay the same instances */
    public synchronized void put(String origin, String text) {
        manifests.put(origin, decoder.decode(origin, text));
        publish();
    }

    public synchronized void remove(String origin) {
        manifests.remove(origin);
        publish();
    }

    private void publish() {
        List<MeshObject> objects = manifests.values().stream().flatMap(decoded -> decoded.objects().stream()).toList();
        List<SourceProblem> problems = manifests.values().stream().flatMap(decoded -> decoded.problems().stream()).toList();
        state = new State(state.revision() + 1, objects, problems);
        for (SourceObserver observer : observers) observer.onState(state);
    }

    @Override public String id() {
        return "one-service";
    }

    @Override public synchronized Registration subscribe(SourceObserver observer) {
        observers.add(observer);
        observer.onState(state);
        return () -> leave(observer);
    }

    private synchronized void leave(SourceObserver observer) {
        observers.remove(observer);
    }

    private record State(long revision, List<MeshObject> objects, List<SourceProblem> problems) implements SourceState {
        @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
            return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }
}
