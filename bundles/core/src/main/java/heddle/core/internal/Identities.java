package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.identity.IdentityProvider;
import heddle.api.model.ObjectKey;
import heddle.api.model.Workload;
import heddle.api.steer.Origin;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The workloads of this node as clients: by the number that the kernel tells, else by address. Immutable; equal clients are one instance. */
final class Identities implements IdentityProvider {
    static final Identities NONE = new Identities(Map.of(), Map.of(), Map.of(), 1);

    /** A workload with its number. */
    record Entry(int id, Workload workload, Client.Known client) {}

    private final Map<ObjectKey, Entry> entries;
    private final Map<Integer, Client> byId;
    private final Map<InetAddress, Client> byAddress;
    private final int nextId;

    private Identities(Map<ObjectKey, Entry> entries, Map<Integer, Client> byId, Map<InetAddress, Client> byAddress, int nextId) {
        this.entries = entries;
        this.byId = byId;
        this.byAddress = byAddress;
        this.nextId = nextId;
    }

    /** Starts the numbers at {@code first}: a daemon that takes over pinned maps must not give old numbers a new meaning. */
    static Identities startingAt(int first) {
        return new Identities(Map.of(), Map.of(), Map.of(), Math.max(1, first));
    }

    /** The next state. A workload keeps its number while it lives; one that comes back under its name, or as a new object, gets a new one.
     *  Returns this when nothing that identifies a client has changed. */
    Identities with(List<Workload> workloads) {
        Map<ObjectKey, Entry> next = new LinkedHashMap<>();
        Map<Integer, Client> ids = new HashMap<>();
        Map<InetAddress, Client> addresses = new HashMap<>();
        Set<InetAddress> disputed = new HashSet<>();
        int free = nextId;
        boolean changed = workloads.size() != entries.size();
        for (Workload workload : workloads) {
            Entry old = entries.get(workload.key());
            Client.Known client = new Client.Known(workload.namespace(), workload.name(), workload.serviceAccount(), workload.labels());
            boolean lives = old != null && old.workload().metadata().uid().equals(workload.metadata().uid());
            if (lives && old.client().equals(client)) client = old.client();
            int id = lives ? old.id() : free;
            if (!lives) free = free == Integer.MAX_VALUE ? 1 : free + 1;
            changed |= !lives || old.client() != client || !sameSteering(old.workload(), workload);
            next.put(workload.key(), new Entry(id, workload, client));
            ids.put(id, client);
            for (InetAddress address : workload.addresses()) {
                Client other = addresses.put(address, client);
                if (other != null && other != client) disputed.add(address);
            }
        }
        if (!changed) return this;
        disputed.forEach(address -> addresses.put(address, Client.UNKNOWN));
        return new Identities(next, Map.copyOf(ids), Map.copyOf(addresses), free);
    }

    @Override public Client identify(Origin origin) {
        if (origin.workload() != 0) {
            Client known = byId.get(origin.workload());
            return known == null ? Client.UNKNOWN : known;
        }
        InetAddress source = origin.source().getAddress();
        return source == null ? Client.UNKNOWN : byAddress.getOrDefault(source, Client.UNKNOWN);
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    List<Client.Known> clients() {
        List<Client.Known> clients = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> clients.add(entry.client()));
        return clients;
    }

    /** A known workload's client. */
    Client client(String namespace, String workload) {
        Entry entry = entries.get(new ObjectKey("Workload", namespace, workload));
        return entry == null ? Client.UNKNOWN : entry.client();
    }

    private static boolean sameSteering(Workload one, Workload other) {
        return one == other || one.cgroup().equals(other.cgroup()) && one.networkNamespace().equals(other.networkNamespace())
                && one.addresses().equals(other.addresses());
    }
}
