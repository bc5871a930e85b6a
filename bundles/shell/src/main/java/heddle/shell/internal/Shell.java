package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.admin.MeshInspector;
import heddle.api.source.ManifestReader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The daemon's control socket and the {@code mesh:} commands behind it. */
@Component(service = Shell.class, immediate = true, configurationPid = "heddle.shell")
public final class Shell {
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private final Mesh mesh = new Mesh();
    private final ExecHosts hosts;
    private final Functions functions;
    private final ServiceRegistration<Converter> converter;
    private final ControlSocket socket;

    /** @see "launcher/conf/settings.list" */
    public @interface Settings {
        /** Never empty: the launcher fills in the default place. */
        String controlSocket() default "";

        String steer_cgroupMount() default "";

        /** Whether another daemon may answer at the control socket. */
        boolean takeOver() default false;
    }

    @Activate public Shell(BundleContext context, @Reference CommandProcessor processor, Settings settings) throws IOException {
        Path path = Path.of(settings.controlSocket());
        this.hosts = new ExecHosts(path.resolveSibling(path.getFileName() + ".hosts"));
        this.functions = new Functions(context, List.of(new StatusCommand(mesh), new RoutesCommand(mesh, false), new RoutesCommand(mesh, true), new ExplainCommand(mesh), new DiffCommand(mesh),
                new HostsCommand(mesh), new WaitCommand(mesh), new GrepCommand(), new LogsCommand(), new PluginsCommand(context, mesh), new SwapCommand(context, mesh), PluginChangeCommand.deploy(context, mesh),
                PluginChangeCommand.undeploy(context, mesh), PluginChangeCommand.rollback(context, mesh), OrderCommand.reload(context), OrderCommand.stop(context),
                new ExecBeginCommand(mesh, hosts, settings.steer_cgroupMount())));
        this.converter = context.registerService(Converter.class, new BundleConverter(new Bundles(context)), new Hashtable<>(Map.of(Converter.CONVERTER_CLASSES, Bundle.class.getName())));
        this.socket = new ControlSocket(path, processor, settings.takeOver());
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bind(MeshInspector inspector) {
        mesh.inspector.set(inspector);
        hosts.follow(inspector);
    }

    void unbind(MeshInspector inspector) {
        mesh.inspector.compareAndSet(inspector, null);
        hosts.unfollow(inspector);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bindWorkloads(ExecWorkloads workloads) {
        mesh.workloads.set(workloads);
        for (ExecWorkloads.Request program : hosts.programs()) {
            try {
                workloads.begin(program);                         // it began under an earlier daemon, or an earlier source
            } catch (IllegalArgumentException bad) {
                LOG.log(Level.WARNING, "program {0} of workload {1}/{2} is no workload any more: {3}", Long.toString(program.pid()), program.namespace(), program.workload(), bad.getMessage());
            }
        }
    }

    void unbindWorkloads(ExecWorkloads workloads) {
        mesh.workloads.compareAndSet(workloads, null);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bindManifests(ManifestReader manifests) {
        mesh.manifests.set(manifests);
    }

    void unbindManifests(ManifestReader manifests) {
        mesh.manifests.compareAndSet(manifests, null);
    }

    @Deactivate void stop() {
        socket.close();
        functions.close();
        converter.unregister();
        hosts.close();
    }
}
