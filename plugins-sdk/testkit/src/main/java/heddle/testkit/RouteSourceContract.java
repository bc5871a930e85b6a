package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.model.EndpointSlice;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.Metadata;
import heddle.api.model.NamespaceObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.Service;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.model.Workload;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceState;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link RouteSource} must do. Extend it, give a source that runs over something real, and say how that changes.
 *  Two HTTPRoutes are there from the beginning: {@code shop/first} and {@code shop/second}. */
@Timeout(60)
public abstract class RouteSourceContract {
    private static final List<Class<? extends MeshObject>> KINDS = List.of(HttpRoute.class, GrpcRoute.class, TcpRoute.class, TlsRoute.class, UdpRoute.class, Service.class,
            EndpointSlice.class, NamespaceObject.class, ReferenceGrant.class, Workload.class);

    /** A kind that no source knows. */
    private record Unheard(Metadata metadata) implements MeshObject {}

    /** The running source of this test; always the same one. */
    protected abstract RouteSource source() throws Exception;

    /** Changes the path of {@code shop/second}'s first match, and nothing else. */
    protected abstract void setSecondPath(String path) throws Exception;

    /** Takes {@code shop/second} away. */
    protected abstract void removeSecond() throws Exception;

    /** The manifest, a document of its own, of a route {@code shop/NAME} with one match, for a source that reads YAML; its parent is Service {@code shop/cart}. */
    public static String route(String name, String path) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %s, namespace: shop}
                spec:
                  parentRefs: [{group: "", kind: Service, name: cart}]
                  rules:
                  - matches: [{path: {value: %s}}]
                    backendRefs: [{name: cart, port: 80}]
                """.formatted(name, path);
    }

    private static Map<ObjectKey, MeshObject> objects(SourceState state) {
        return KINDS.stream().flatMap(kind -> state.all(kind).stream()).collect(Collectors.toMap(MeshObject::key, object -> object));
    }

    private static HttpRoute route(SourceState state, String name) {
        return state.all(HttpRoute.class).stream().filter(route -> route.name().equals(name)).findFirst().orElseThrow();
    }

    private static boolean secondHas(SourceState state, String path) {
        return state.all(HttpRoute.class).stream().anyMatch(route -> route.name().equals("second") && route.rules().getFirst().matches().getFirst().path().value().equals(path));
    }

    private static boolean hasBoth(SourceState state) {
        return state.all(HttpRoute.class).size() == 2;
    }

    @Test
    public final void theIdIsShortAndStays() throws Exception {
        assertThat(source().id()).matches("[a-z][a-z0-9-]{0,30}").isEqualTo(source().id());
    }

    @Test
    public final void theFirstStateIsWhole() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            SourceState state = listener.await(any -> true);
            assertThat(state.all(HttpRoute.class)).extracting(HttpRoute::name).containsExactlyInAnyOrder("first", "second");
            assertThat(state.revision()).isPositive();
        }
    }

    @Test
    public final void whatDidNotChangeIsTheSameInstance() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            SourceState before = listener.await(RouteSourceContract::hasBoth);
            setSecondPath("/changed");
            SourceState after = listener.await(state -> secondHas(state, "/changed"));
            assertThat(route(after, "second")).isNotSameAs(route(before, "second"));
            Map<ObjectKey, MeshObject> then = objects(before);
            objects(after).forEach((key, object) -> {
                if (!key.equals(route(after, "second").key()) && then.containsKey(key)) assertThat(object).as(key + ", which did not change").isSameAs(then.get(key));
            });
            assertThat(secondHas(before, "/changed")).as("a state that was delivered changed").isFalse();
        }
    }

    @Test
    public final void whatIsTakenAwayIsNotInTheNextState() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            listener.await(RouteSourceContract::hasBoth);
            removeSecond();
            assertThat(listener.await(state -> !hasBoth(state)).all(HttpRoute.class)).extracting(HttpRoute::name).containsExactly("first");
        }
    }

    @Test
    public final void aStateCannotBeWrittenToAndAnUnknownKindIsEmpty() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            SourceState state = listener.await(RouteSourceContract::hasBoth);
            assertThat(state.all(Unheard.class)).isEmpty();
            assertThatThrownBy(() -> state.all(HttpRoute.class).clear()).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    /** Core comes anew when it is swapped: the whole state again, to the new one alone. */
    @Test
    public final void whoSubscribesLaterGetsAllAndWhoHasClosedNothingMore() throws Exception {
        SourceListener gone = new SourceListener();
        Registration first = source().subscribe(gone);
        gone.await(RouteSourceContract::hasBoth);
        first.close();
        first.close();
        gone.drain();
        SourceListener later = new SourceListener();
        try (Registration on = source().subscribe(later)) {
            later.await(RouteSourceContract::hasBoth);
            setSecondPath("/later");
            later.await(state -> secondHas(state, "/later"));
            assertThat(gone.drain()).as("states after close").isEmpty();
        }
    }

    @Test
    public final void reportsAreTakenAlsoForWhatIsNotThere() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            SourceState state = listener.await(RouteSourceContract::hasBoth);
            ObjectStatus.Parent parent = new ObjectStatus.Parent(route(state, "first").parentRefs().getFirst(), List.of(new Condition("Accepted", "True", "Accepted", "", 1)));
            source().report(List.of(new ObjectStatus(route(state, "first").key(), List.of(parent)), new ObjectStatus(new ObjectKey("HTTPRoute", "nowhere", "none"), List.of(parent))));
            source().report(List.of());
            source().inForce(state.revision());
        }
    }

    @Test
    public final void callsNeverOverlap() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source().subscribe(listener)) {
            listener.await(RouteSourceContract::hasBoth);
            for (int i = 0; i < 5; i++) setSecondPath("/n" + i);
            listener.await(state -> secondHas(state, "/n4"));
            assertThat(listener.overlapped()).isFalse();
        }
    }
}
