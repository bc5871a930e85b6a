package heddle.source.file.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The route source {@code exec}: one Workload for each program of {@code heddle exec}. Ranks above the manifests, since its copy of a
 *  Workload is the manifest's, completed. */
@Component(service = {RouteSource.class, ExecWorkloads.class}, configurationPid = "heddle.source.file", property = {"id=exec", "service.ranking:Integer=10"})
public final class ExecSource implements RouteSource, ExecWorkloads {
    /** Settings, with the defaults of launcher/conf/settings.list. */
    public @interface Settings {
        /** Where programs without a loopback address of their own get the one by which steer-bind knows them. */
        String execRange() default "127.97.0.0/16";

        /** The steering's cgroup below the cgroup2 mount, key {@code steer.cgroup}. */
        String steer_cgroup() default "heddle";
    }

    private final ExecPrograms programs;
    private final Registration manifests;

    @Activate
    public ExecSource(Settings settings, @Reference(target = "(id=file)") RouteSource files) {
        programs = new ExecPrograms(AddressRange.parse(settings.execRange()), Path.of(settings.steer_cgroup(), "workloads"),
                pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(ProcessHandle::onExit));
        manifests = files.subscribe(new SourceObserver() {
            @Override public void onState(SourceState state) {
                programs.manifests(state);
            }

            @Override public void onStale(String reason) {
                // the last manifests stay in force
            }
        });
    }

    @Deactivate
    void deactivate() {
        manifests.close();
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
