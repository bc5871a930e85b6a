package heddle.source.file.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import heddle.api.model.Workload;
import heddle.api.source.Registration;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/** The programs that {@code heddle exec} started, as Workloads: what a manifest of the same name says, completed by what is known of the
 *  process. A Workload is there from its first program's start to its last one's end. Any thread. */
final class ExecPrograms {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private final AddressRange range;
    private final Path cgroups;
    private final LongFunction<Optional<? extends CompletionStage<?>>> processEnd;
    private final Observers observers = new Observers();
    private final Map<ObjectKey, Program> programs = new LinkedHashMap<>();
    private Map<ObjectKey, Workload> manifests = Map.of();
    private Map<ObjectKey, Workload> objects = Map.of();
    private long revision;

    /** @param processes of the program, first started first */
    private record Program(ObjectKey key, String serviceAccount, InetAddress source, List<Long> processes) {}

    /** @param range      where workloads without a loopback address of their own get their source address from
     *  @param cgroups    under the cgroup2 mount, the folder of the workloads' cgroups; steering attaches its programs to it
     *  @param processEnd completes when a process has ended; empty when there is no such process */
    ExecPrograms(AddressRange range, Path cgroups, LongFunction<Optional<? extends CompletionStage<?>>> processEnd) {
        this.range = range;
        this.cgroups = cgroups;
        this.processEnd = processEnd;
        publish();
    }

    synchronized Registration subscribe(SourceObserver observer) {
        return observers.add(observer);
    }

    ExecWorkloads.Ticket begin(ExecWorkloads.Request request) {
        require(LABEL, "namespace", request.namespace(), "a DNS label of at most 63 characters");
        require(NAME, "workload", request.workload(), "a name of lower-case letters, digits, '-' and '.'");
        request.serviceAccount().ifPresent(account -> require(NAME, "serviceAccount", account, "a name of lower-case letters, digits, '-' and '.'"));
        CompletionStage<?> end = processEnd.apply(request.pid())
                .orElseThrow(() -> new IllegalArgumentException("pid: " + request.pid() + " (expected: a running process)"));
        ObjectKey key = new ObjectKey("Workload", request.namespace(), request.workload());
        ExecWorkloads.Ticket ticket = add(key, request);
        end.whenComplete((ignored, fault) -> ended(key, request.pid()));
        return ticket;
    }

    private synchronized ExecWorkloads.Ticket add(ObjectKey key, ExecWorkloads.Request request) {
        Optional<Workload> manifest = Optional.ofNullable(manifests.get(key));
        Program before = programs.get(key);
        InetAddress source = before != null ? before.source : source(key, manifest);
        List<Long> processes = new ArrayList<>(before == null ? List.of() : before.processes);
        processes.add(request.pid());
        String account = request.serviceAccount().orElseGet(() -> before != null ? before.serviceAccount : "");
        programs.put(key, new Program(key, account, source, processes));
        publish();
        return new ExecWorkloads.Ticket(manifest.flatMap(Workload::cgroup).orElse(cgroups.resolve(key.namespace()).resolve(key.name())), source);
    }

    private synchronized void ended(ObjectKey key, long pid) {
        Program program = programs.get(key);
        if (program == null) {
            return;
        }
        List<Long> rest = new ArrayList<>(program.processes);
        rest.remove(pid);
        if (rest.isEmpty()) {
            programs.remove(key);
        } else {
            programs.put(key, new Program(key, program.serviceAccount, program.source, rest));
        }
        publish();
    }

    /** The Workload manifests in force, each time they change. */
    synchronized void manifests(SourceState state) {
        Map<ObjectKey, Workload> next = new HashMap<>();
        state.all(Workload.class).forEach(workload -> next.put(workload.key(), workload));
        manifests = next;
        if (!programs.isEmpty()) {
            publish();
        }
    }

    /** The workload's own loopback address, or one of the range that nobody has. */
    private InetAddress source(ObjectKey key, Optional<Workload> manifest) {
        Optional<InetAddress> own = manifest.stream().flatMap(workload -> workload.addresses().stream()).filter(InetAddress::isLoopbackAddress).findFirst();
        if (own.isPresent()) {
            return own.get();
        }
        Set<InetAddress> taken = new HashSet<>();
        manifests.values().forEach(workload -> taken.addAll(workload.addresses()));
        programs.values().forEach(program -> taken.add(program.source));
        return range.pick(key.path(), taken::contains);
    }

    private void publish() {
        Map<ObjectKey, Workload> before = objects;
        Map<ObjectKey, Workload> next = new LinkedHashMap<>();
        programs.forEach((key, program) -> {
            Workload workload = workload(program, Optional.ofNullable(manifests.get(key)));
            next.put(key, workload.equals(before.get(key)) ? before.get(key) : workload);
        });
        if (revision > 0 && next.equals(before)) {
            return;
        }
        objects = next;
        observers.state(new FileState(++revision, next.values(), List.of(), List.of()));
    }

    private static Workload workload(Program program, Optional<Workload> manifest) {
        String account = program.serviceAccount.isEmpty() ? manifest.map(Workload::serviceAccount).orElse("default") : program.serviceAccount;
        List<InetAddress> addresses = new ArrayList<>(manifest.map(Workload::addresses).orElse(List.of()));
        if (!addresses.contains(program.source)) {
            addresses.add(program.source);
        }
        Metadata metadata = manifest.map(Workload::metadata).orElseGet(() -> new Metadata(program.key, Map.of(), Map.of(), Optional.empty(), 0, "",
                "heddle exec, process " + program.processes.getFirst()));
        Path netns = Path.of("/proc", Long.toString(program.processes.getFirst()), "ns", "net");
        return new Workload(metadata, account, manifest.flatMap(Workload::cgroup), Optional.of(netns),
                manifest.map(Workload::labels).orElse(Map.of()), addresses, manifest.map(Workload::ports).orElse(Map.of()),
                manifest.map(Workload::ready).orElse(true), manifest.map(Workload::zone).orElse(""));
    }

    private static void require(Pattern pattern, String field, String value, String expected) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(field + ": \"" + value + "\" (expected: " + expected + ")");
        }
    }
}
