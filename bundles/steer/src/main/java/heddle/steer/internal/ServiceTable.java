package heddle.steer.internal;

import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Handling;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Slot;
import heddle.api.steer.SteeringPlan.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code mesh_svcs} and {@code mesh_backends}. A change writes the slots of a new generation, then replaces the Service's element (one
 *  atomic step), then drops the old slots: no connect sees half a change. Callers hold the steering's lock. */
final class ServiceTable {
    private record Key(InetAddress address, int port, Transport transport, int clientClass) {
        byte[] bytes() {
            return Abi.SVC_KEY.value().setBytes("addr", Abi.address(address)).setPort("port", port)
                    .set("proto", transport == Transport.TCP ? Sys.IPPROTO_TCP : Sys.IPPROTO_UDP).set("cls", clientClass).array();
        }
    }

    private record Wanted(String service, int mode, int flags, List<Slot> slots) {}

    private record Installed(Wanted wanted, int id, int generation, int slots) {}

    private static final Wanted INHERITED = new Wanted("", -1, 0, List.of());

    private final BpfMap services;
    private final BpfMap backends;
    private final Problems problems;
    private final Map<Key, Installed> installed = new HashMap<>();
    private final int classBase;
    private final List<Runnable> replaced = new ArrayList<>();
    private int lastId;
    private boolean inheritedSlots;

    /** @param classBase added to the plan's numbers of client classes, 0 excepted */
    ServiceTable(BpfObject object, Problems problems, int classBase) {
        this.services = object.map("mesh_svcs");
        this.backends = object.map("mesh_backends");
        this.problems = problems;
        this.classBase = classBase;
        for (byte[] bytes : services.keys()) {
            Struct.Value key = Abi.SVC_KEY.read(bytes);
            Struct.Value value = Abi.SVC.read(services.get(bytes).orElseThrow());
            int id = (int) value.get("svc_id");
            lastId = Math.max(lastId, id);
            installed.put(new Key(Abi.address(key.bytes("addr")), key.port("port"),
                    key.get("proto") == Sys.IPPROTO_TCP ? Transport.TCP : Transport.UDP, (int) key.get("cls")),
                    new Installed(INHERITED, id, (int) value.get("gen"), (int) value.get("nslots")));
        }
        inheritedSlots = !installed.isEmpty() || !backends.keys().isEmpty();
    }

    /** Writes what is new or other; what it replaces stays until {@link #dropReplaced}. */
    void put(List<Frontend> frontends) {
        problems.solvedAll("frontend:");
        Map<Key, Wanted> wanted = wanted(frontends);
        for (Map.Entry<Key, Wanted> entry : wanted.entrySet()) {
            Installed old = installed.get(entry.getKey());
            if (old != null && old.wanted.equals(entry.getValue())) continue;
            try {
                install(entry.getKey(), entry.getValue(), old);
                if (old != null) replaced.add(() -> drop(entry.getKey(), old));
            } catch (NativeException failed) {
                problems.report("frontend:" + entry.getKey(), "Service port " + entry.getValue().service + ": " + failed.getMessage());
            }
        }
        for (Key key : List.copyOf(installed.keySet())) {
            if (wanted.containsKey(key)) continue;
            Installed old = installed.remove(key);
            replaced.add(() -> {
                if (!installed.containsKey(key)) services.delete(key.bytes());     // unless it has come back meanwhile
                drop(key, old);
            });
        }
    }

    void dropReplaced() {
        replaced.forEach(Runnable::run);
        replaced.clear();
        if (inheritedSlots) {
            inheritedSlots = false;
            dropOrphans();
        }
    }

    private Map<Key, Wanted> wanted(List<Frontend> frontends) {
        Map<Key, Wanted> wanted = new LinkedHashMap<>();
        for (Frontend frontend : frontends) {
            for (InetAddress address : frontend.addresses()) {
                for (Handling handling : frontend.handlings()) {
                    List<Slot> slots = handling.mode() == Mode.BALANCE || handling.mode() == Mode.STEER ? usable(handling.slots(), address) : List.of();
                    int flags = (frontend.failClosed() ? Abi.FAIL_CLOSED : 0) | (frontend.affinity() ? Abi.AFFINITY : 0)
                            | (handling.mode() == Mode.STEER && !slots.isEmpty() ? Abi.L4_FALLBACK : 0);
                    Key key = new Key(address, frontend.port(), frontend.transport(), handling.clientClass() == 0 ? 0 : classBase + handling.clientClass());
                    Wanted previous = wanted.put(key, new Wanted(frontend.service(), handling.mode().ordinal(), flags, slots));
                    if (previous != null) {
                        problems.report("frontend:" + key, "Service ports " + previous.service + " and " + frontend.service()
                                + " have the same address " + address.getHostAddress() + ":" + frontend.port() + "; the latter is in force");
                    }
                }
            }
        }
        return wanted;
    }

    /** Endpoints of the address's own family; only where there are none the other's (which v4-mapped sockets can reach). */
    private static List<Slot> usable(List<Slot> slots, InetAddress address) {
        List<Slot> weighted = slots.stream().filter(slot -> slot.weight() > 0).toList();
        List<Slot> same = weighted.stream().filter(slot -> slot.endpoint().map(endpoint ->
                Abi.isV4(endpoint.getAddress()) == Abi.isV4(address)).orElse(true)).toList();
        return same.stream().anyMatch(slot -> slot.endpoint().isPresent()) ? same : weighted;
    }

    private void install(Key key, Wanted wanted, @org.jspecify.annotations.Nullable Installed old) {
        int id = old == null ? ++lastId : old.id;
        int generation = old == null ? 1 : old.generation + 1;
        AliasTable shares = AliasTable.of(wanted.slots.stream().map(Slot::weight).toList());
        for (int slot = 0; slot < wanted.slots.size(); slot++) {
            Struct.Value value = Abi.BACKEND.value().set("keep", shares.keep()[slot]).set("alias", shares.alias()[slot]);
            if (wanted.slots.get(slot).endpoint().isPresent()) {
                InetSocketAddress endpoint = wanted.slots.get(slot).endpoint().get();
                value.setBytes("addr", Abi.address(endpoint.getAddress())).setPort("port", endpoint.getPort());
            } else {
                value.set("flags", Abi.SLOT_REFUSED);
            }
            backends.put(slotKey(id, key.clientClass, generation, slot), value.array());
        }
        services.put(key.bytes(), Abi.SVC.value().set("svc_id", id).set("gen", generation).set("nslots", wanted.slots.size())
                .set("mode", wanted.mode).set("flags", wanted.flags).array());
        installed.put(key, new Installed(wanted, id, generation, wanted.slots.size()));
    }

    private void drop(Key key, Installed old) {
        for (int slot = 0; slot < old.slots; slot++) backends.delete(slotKey(old.id, key.clientClass, old.generation, slot));
    }

    /** Slots that a killed daemon wrote and never put in force. */
    private void dropOrphans() {
        Map<Integer, Integer> generations = new HashMap<>();
        installed.values().forEach(service -> generations.put(service.id, service.generation));
        for (byte[] bytes : backends.keys()) {
            Struct.Value key = Abi.BE_KEY.read(bytes);
            Integer generation = generations.get((int) key.get("svc_id"));
            if (generation == null || generation != (int) key.get("gen")) backends.delete(bytes);
        }
    }

    private static byte[] slotKey(int id, int clientClass, int generation, int slot) {
        return Abi.BE_KEY.value().set("svc_id", id).set("cls", clientClass).set("gen", generation).set("slot", slot).array();
    }

    int size() {
        return installed.size();
    }
}
