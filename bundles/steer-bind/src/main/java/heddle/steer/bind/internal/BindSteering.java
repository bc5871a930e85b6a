package heddle.steer.bind.internal;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import heddle.api.model.Durations;
import heddle.api.source.Registration;
import heddle.api.steer.Place;
import heddle.api.steer.PlaceObserver;
import heddle.api.steer.Steering;
import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Transport;
import heddle.api.steer.SteeringStatus;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Steering with no privileges: listens on each Service's address itself, where that is an address of this host.
 *  It has no kernel part, so it listens for every Service, also for those without routes (the forwarder relays them, UDP this bundle), and when the
 *  daemon is gone connections are refused. Plans come from one thread; {@link #status()} is for any. */
@Component(service = Steering.class, configurationPid = "heddle.steer.bind", property = "service.ranking:Integer=-100")
public final class BindSteering implements Steering {
    private static final System.Logger LOG = System.getLogger("heddle.steer.bind");

    private final Map<InetSocketAddress, BoundPlace> places = new LinkedHashMap<>();
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder refusedBinds = new LongAdder();
    private final UdpServices datagrams;
    private @Nullable PlaceObserver observer;
    /** Places of the steering before this one, by id, until this one's first plan is in force. */
    private Map<String, Place> before = Map.of();
    private SteeringPlan plan = new SteeringPlan(0, List.of(), List.of());
    private volatile Summary summary = new Summary(0, 0, 0, List.of());

    private record Summary(int places, int frontends, int workloads, List<String> problems) {}

    @Activate
    public BindSteering(BindConfig config) {
        this(Durations.parse("udp.idleTimeout", config.udp_idleTimeout()).toNanos(), config.udp_maxFlows());
    }

    BindSteering(long udpIdleNanos, int udpMaxFlows) {
        datagrams = new UdpServices(udpIdleNanos, udpMaxFlows);
    }

    @Override
    public String id() {
        return "bind";
    }

    @Override
    public synchronized void follow(List<Place> places) {
        before = places.stream().collect(Collectors.toMap(Place::id, place -> place, (one, other) -> one));
    }

    @Override
    public synchronized Registration start(PlaceObserver newObserver) {
        if (observer != null) {
            throw new IllegalStateException("steer-bind was started already; close the first registration");
        }
        observer = newObserver;
        put(plan, newObserver);
        return this::stop;
    }

    @Override
    public synchronized void apply(SteeringPlan newPlan) {
        plan = newPlan;
        PlaceObserver to = observer;
        if (to == null) {
            return;
        }
        put(newPlan, to);
        before = Map.of();
    }

    private void put(SteeringPlan newPlan, PlaceObserver to) {
        Map<InetSocketAddress, String> wanted = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Frontend frontend : newPlan.frontends()) {
            collect(frontend, wanted);
        }
        for (InetSocketAddress gone : places.keySet().stream().filter(address -> !wanted.containsKey(address)).toList()) {
            shut(gone, to);
        }
        wanted.forEach((address, service) -> {
            if (!places.containsKey(address)) {
                open(address, service, to, problems);
            }
        });
        datagrams.apply(newPlan, problems);
        publish(newPlan, problems);
    }

    @Override
    public SteeringStatus status() {
        Summary now = summary;
        Map<String, Long> events = new LinkedHashMap<>(Map.of("places_opened", opened.sum(), "places_closed", closed.sum(), "binds_failed", refusedBinds.sum()));
        events.putAll(datagrams.counts());
        return new SteeringStatus(id(), now.places, now.frontends, now.workloads, now.problems, events);
    }

    /** Ends every place; the forwarder has let go of each when this returns. */
    @Deactivate
    synchronized void stop() {
        PlaceObserver to = observer;
        if (to == null) {
            return;
        }
        List.copyOf(places.keySet()).forEach(address -> shut(address, to));
        datagrams.close();
        observer = null;
        summary = new Summary(0, 0, 0, List.of());
    }

    private static void collect(Frontend frontend, Map<InetSocketAddress, String> wanted) {
        if (frontend.transport() == Transport.UDP) return;
        if (frontend.handlings().stream().allMatch(handling -> handling.mode() == Mode.REFUSE)) {
            return; // nobody listens, so the kernel refuses the connection
        }
        for (InetAddress address : frontend.addresses()) {
            wanted.putIfAbsent(new InetSocketAddress(address, frontend.port()), frontend.service());
        }
    }

    private void open(InetSocketAddress address, String service, PlaceObserver to, List<String> problems) {
        BoundPlace place;
        try {
            place = new BoundPlace(listener(address));
        } catch (BindException e) {
            refusedBinds.increment();
            problems.add("Service " + service + ": " + e.getMessage());
            return;
        }
        places.put(address, place);
        opened.increment();
        try {
            to.opened(place);
        } catch (RuntimeException e) {
            LOG.log(WARNING, "the forwarder cannot serve " + place, e);
        }
    }

    private Listener listener(InetSocketAddress address) throws BindException {
        Place standing = before.get(BoundPlace.id(address));
        if (standing != null) {
            try {
                return Listener.of(address, standing.listener());
            } catch (UncheckedIOException e) {
                LOG.log(DEBUG, "the steering before this one has ended " + standing, e);
            }
        }
        return Listener.open(address);
    }

    private void shut(InetSocketAddress address, PlaceObserver to) {
        BoundPlace place = places.remove(address);
        if (place == null) {
            return;
        }
        try {
            to.closed(place);
        } catch (RuntimeException e) {
            LOG.log(WARNING, "the forwarder did not let go of " + place, e);
        } finally {
            place.close();
            closed.increment();
        }
    }

    private void publish(SteeringPlan applied, List<String> problems) {
        Set<String> known = new TreeSet<>(summary.problems);
        problems.stream().filter(problem -> !known.contains(problem)).forEach(problem -> LOG.log(WARNING, problem));
        Summary next = new Summary(places.size(), applied.frontends().size(), applied.workloads().size(), List.copyOf(problems));
        if (next.places != summary.places) {
            LOG.log(INFO, "listening on {0} Service addresses generation={1}", next.places, Long.toString(applied.generation()));
        }
        summary = next;
    }
}
