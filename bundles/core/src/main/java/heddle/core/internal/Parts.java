package heddle.core.internal;

import heddle.api.forward.Forwarder;
import heddle.api.identity.IdentityProvider;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RouteCompiler;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.steer.Steering;
import heddle.api.telemetry.MetricsSink;
import java.util.Optional;
import java.util.function.Function;

/** Every replaceable part that is there now. */
final class Parts {
    final Whiteboard<FilterFactory> filters = new Whiteboard<>();
    final Whiteboard<LoadBalancerFactory> balancers = new Whiteboard<>();
    final Whiteboard<RouteCompiler> compilers = new Whiteboard<>();
    final Whiteboard<PredicateFactory> predicates = new Whiteboard<>();
    final Whiteboard<IdentityProvider> identities = new Whiteboard<>();
    final Whiteboard<MetricsSink> sinks = new Whiteboard<>();
    final Whiteboard<Forwarder> forwarders = new Whiteboard<>();
    final Whiteboard<Steering> steerings = new Whiteboard<>();
    final PluginGuards plugins;

    Parts() {
        this(PluginGuards::bundleOf);
    }

    /** @param pluginOf the plugin that a service is from */
    Parts(Function<Object, Optional<PluginGuards.Plugin>> pluginOf) {
        plugins = new PluginGuards(pluginOf, new CoreMetrics(sinks));
    }
}
