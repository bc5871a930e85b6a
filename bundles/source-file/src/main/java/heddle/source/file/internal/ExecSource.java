package heddle.source.file.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The route source {@code exec}: one Workload for each program of {@code heddle exec}. Ranks above the manifests, since its copy of a
 *  Workload is the manifest's, completed. */
@Component(service = {RouteSource.class, ExecWorkloads.class}, configurationPid = "heddle.source.file", property = {"id=exec", "completes=file", "service.ranking:Integer=10"})
public final class ExecSource implements RouteSource, ExecWorkloads {
    /** Settings, with the defaults of launcher/conf/settings.list. */
    public @interface Settings {
        /** Where programs without a loopback address of their own get the one by which steer-bind knows them. */
        String execRange() default "127.97.0.0/16";

        /** The steering's cgroup below the cgroup2 mount, key {@code steer.cgroup}. */
        String steer_cgroup() default "heddle";
    }

    private final ExecPrograms programs;
    private final Map<RouteSource, Registration> manifests = new ConcurrentHashMap<>();

    @Activate
    public ExecSource(Settings settings) {
        programs = new ExecPrograms(AddressRange.parse(settings.execRange()), Path.of(settings.steer_cgroup(), "workloads"),
                pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(ProcessHandle::onExit));
    }

    /** The folders of manifests are in the same configuration: their change must not end the programs. */
    @Modified
    void modified() {
        // ranges and cgroup need a restart of the daemon
    }

    /** Dynamic: the programs outlive a restart of the manifests' source. */
    @Reference(target = "(id=file)", cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bindFiles(RouteSource files) {
        manifests.put(files, files.subscribe(new SourceObserver() {
            @Override public void onState(SourceState state) {
                programs.manifests(state);
            }

            @Override public void onStale(String reason) {
                // the last manifests stay in force
            }
        }));
    }

    void unbindFiles(RouteSource files) {
        Registration registration = manifests.remove(files);
        if (registration != null) {
            registration.close();
        }
    }

    @Override public String id() {
        return "exec";
    }

    @Override public Registration subscribe(SourceObserver observer) {
        return programs.subscribe(observer);
    }

    @Override public Ticket begin(Request request) {
        return programs.begin(request);
    }
}
