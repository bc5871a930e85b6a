package heddle.core.internal;

import heddle.api.admin.PluginReport;
import heddle.api.isolation.Leash;
import heddle.api.telemetry.MetricsSink;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** The guard of each plugin bundle, and the thread that watches over them. Our own bundles have none. Any thread. */
final class PluginGuards implements AutoCloseable {
    private static final Logger LOG = System.getLogger("heddle.plugins");
    private static final long LOOK_MILLIS = 20;
    private static final long COUNT_MILLIS = 1000;

    /** A plugin's bundle. */
    record Plugin(long id, String name) {
        /** Empty for our own bundles and what they need: those that the launcher's list names, and those called heddle.* that did not come through the plugins folder. */
        static Optional<Plugin> of(@Nullable Bundle bundle) {
            if (bundle == null || bundle.getBundleId() == Constants.SYSTEM_BUNDLE_ID) return Optional.empty();
            String name = String.valueOf(bundle.getSymbolicName());
            boolean ours = !bundle.getLocation().startsWith("plugin:") && (bundle.getLocation().startsWith("reference:") || name.startsWith("heddle."));
            return ours ? Optional.empty() : Optional.of(new Plugin(bundle.getBundleId(), name));
        }
    }

    private final Function<Object, Optional<Plugin>> pluginOf;
    private final CoreMetrics metrics;
    private final Map<Plugin, PluginGuard> guards = new ConcurrentHashMap<>();
    /** The services of each plugin that are in use. */
    private final Map<Plugin, Set<Object>> services = new HashMap<>();
    private final Map<PluginGuard, Map<String, Long>> published = new HashMap<>();
    private volatile PluginGuard.Limits limits;
    /** Guards whose plugin has left while something still ran in its name. */
    private final List<PluginGuard> leaving = new CopyOnWriteArrayList<>();
    /** Guards whose plugin has left since the counts were published. */
    private final Queue<PluginGuard> left = new ConcurrentLinkedQueue<>();
    /** Plugins whose first calls are over. */
    private final Set<Plugin> judged = ConcurrentHashMap.newKeySet();
    private final WatchClock clock = new WatchClock(LOOK_MILLIS * 1_000_000, System.nanoTime());
    private final LoopCalls loops = new LoopCalls(clock);
    private volatile BiConsumer<Plugin, PluginGuard.Start> onStart = (plugin, start) -> {};
    private volatile LongConsumer lowest = thread -> {};
    private @Nullable Thread watchdog;

    PluginGuards(Function<Object, Optional<Plugin>> pluginOf, CoreMetrics metrics) {
        this.pluginOf = pluginOf;
        this.limits = PluginGuard.Limits.DEFAULT;
        this.metrics = metrics;
    }

    /** The bundle of a service's class, if it is a plugin's. */
    static Optional<Plugin> bundleOf(Object service) {
        return Plugin.of(FrameworkUtil.getBundle(service.getClass()));
    }

    /** For plugins that come from now on. */
    void limits(PluginGuard.Limits next) {
        limits = next;
    }

    /** Told once for each plugin how its first calls went; on the watchdog's thread. */
    void onStart(BiConsumer<Plugin, PluginGuard.Start> told) {
        onStart = told;
    }

    /** What gives a thread, by the kernel's id, the lowest priority. */
    void lowest(LongConsumer lowering) {
        lowest = lowering;
    }

    /** Of the plugin that a service is from; empty for our own. */
    synchronized Optional<PluginGuard> of(Object service) {
        Optional<Plugin> plugin = pluginOf.apply(service);
        if (plugin.isEmpty()) return Optional.empty();
        services.computeIfAbsent(plugin.get(), each -> Collections.newSetFromMap(new IdentityHashMap<>())).add(service);
        if (watchdog == null) watch();
        return Optional.of(guards.computeIfAbsent(plugin.get(), each -> new PluginGuard(each.name(), limits, clock, loops, thread -> lowest.accept(thread))));
    }

    private void watch() {
        watchdog = Thread.ofPlatform().daemon().name("heddle-plugin-watch").start(this::run);
        // the JDK makes its one timer when it is first needed, in the thread group of who needs it: were that a plugin's, the timer would be taken for its
        CompletableFuture.delayedExecutor(1, TimeUnit.NANOSECONDS).execute(() -> {});
    }

    /** A service has left and nothing uses it any more. With a plugin's last one its guard goes; when it comes again it starts anew. */
    synchronized void left(Object service) {
        for (Plugin plugin : List.copyOf(services.keySet())) {
            Set<Object> used = services.getOrDefault(plugin, Set.of());
            if (!used.remove(service) || !used.isEmpty()) continue;
            services.remove(plugin);
            PluginGuard guard = guards.remove(plugin);
            judged.remove(plugin);
            if (guard == null) continue;
            guard.close();
            leaving.add(guard);
            left.add(guard);
        }
    }

    /** What of a plugin is waited for now, outside of requests; "" when nothing is. */
    String making() {
        return guards.values().stream().map(PluginGuard::making).filter(what -> !what.isEmpty()).findFirst().orElse("");
    }

    List<PluginReport> reports() {
        return guards.entrySet().stream().map(each -> {
            Map<String, Long> counts = new HashMap<>();
            each.getValue().counts().forEach(count -> counts.put(count.result(), count.value()));
            return new PluginReport(each.getKey().id(), each.getKey().name(), counts, each.getValue().faulty());
        }).toList();
    }

    private void run() {
        long published = System.nanoTime();
        while (true) {
            try {
                Thread.sleep(LOOK_MILLIS);
                look(System.nanoTime());
                if (System.nanoTime() - published < COUNT_MILLIS * 1_000_000) continue;
                published = System.nanoTime();
                metrics.sink().ifPresentOrElse(this::publish, left::clear);
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException | OutOfMemoryError fault) {    // what takes all memory must not take the one who ends it
                LOG.log(Level.WARNING, "the watch over plugins goes on after " + fault);
            }
        }
    }

    private void look(long time) {
        long now = clock.advance(time);
        loops.look(now);
        guards.forEach((plugin, guard) -> {
            guard.watch(now);
            PluginGuard.Start start = guard.start();
            if (start != PluginGuard.Start.OPEN && judged.add(plugin)) onStart.accept(plugin, start);
        });
        if (leaving.removeIf(PluginGuard::gone)) Leash.forgetDead();
    }

    /** Counters take what has been added since; two guards of one name add up. */
    private void publish(MetricsSink sink) {
        guards.values().forEach(guard -> publish(sink, guard));
        for (PluginGuard gone = left.poll(); gone != null; gone = left.poll()) {
            publish(sink, gone);
            published.remove(gone);
        }
    }

    private void publish(MetricsSink sink, PluginGuard guard) {
        Map<String, Long> before = published.computeIfAbsent(guard, each -> new HashMap<>());
        for (PluginGuard.Count count : guard.counts()) {
            long more = count.value() - before.getOrDefault(count.result(), 0L);
            if (more > 0) sink.counter(CoreMetrics.PLUGIN_CALLS, guard.name(), count.result()).add(more);
            before.put(count.result(), count.value());
        }
    }

    @Override public synchronized void close() {
        if (watchdog != null) watchdog.interrupt();
        guards.values().forEach(PluginGuard::close);
        guards.clear();
    }
}
