package heddle.steer.internal;

import static heddle.steer.internal.Struct.bytes;
import static heddle.steer.internal.Struct.u16;
import static heddle.steer.internal.Struct.u32;
import static heddle.steer.internal.Struct.u64;
import static heddle.steer.internal.Struct.u8;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Twin of native-bpf/include/mesh_abi.h; a test compares each layout with the object's BTF. */
final class Abi {
    static final int VERSION = 1;
    static final int LEVEL = 0x6d65;
    static final int ORIGIN = 1;

    static final int FAIL_CLOSED = 1;
    static final int L4_FALLBACK = 2;
    static final int AFFINITY = 4;
    static final int SLOT_REFUSED = 1;
    static final int LSN_V4 = 1;
    static final int LSN_V6 = 2;
    static final int WL_BIND4 = 1;
    static final int WL_BIND6 = 2;
    static final int WL_OUTSIDE = 4;
    static final int HOW_STEER4 = 1;
    static final int HOW_STEER6 = 2;
    static final int EV_NO_LISTENER = 1;

    static final Struct SVC_KEY = new Struct("mesh_svc_key", bytes("addr", 16), u16("port"), u8("proto"), u8("pad"), u32("cls"));
    static final Struct SVC = new Struct("mesh_svc", u32("svc_id"), u32("gen"), u32("nslots"), u8("mode"), u8("flags"), bytes("pad", 2));
    static final Struct BE_KEY = new Struct("mesh_be_key", u32("svc_id"), u32("cls"), u32("gen"), u32("slot"));
    static final Struct BACKEND = new Struct("mesh_backend", bytes("addr", 16), u16("port"), u8("flags"), u8("pad"), u32("keep"), u32("alias"));
    static final Struct LSN = new Struct("mesh_lsn", u16("port4"), u16("port6"), u16("flags"), u16("epoch"));
    static final Struct WL = new Struct("mesh_wl", u32("id"), u32("cls"), u32("flags"), u32("pad"), bytes("bind4", 16), bytes("bind6", 16));
    static final Struct ORIG = new Struct("mesh_orig", bytes("addr", 16), u16("port"), u8("proto"), u8("how"), u32("svc_id"), u64("cookie"),
            u64("cgroup_id"), u64("netns"), u32("workload"), u32("pid"), u64("ns"));
    static final Struct FLOW = new Struct("mesh_flow", u64("netns"), bytes("client", 16), bytes("server", 16), u16("client_port"), u16("server_port"), u32("pad"));
    static final Struct UFLOW = new Struct("mesh_uflow", u64("cookie"), bytes("addr", 16), u16("port"), bytes("pad", 6));
    static final Struct UORIG = new Struct("mesh_uorig", bytes("addr", 16), u16("port"), bytes("pad", 6));
    static final Struct CFG = new Struct("mesh_cfg", u64("heartbeat_ns"), u64("stale_ns"), u64("owner"), u32("abi"), u32("turn"));
    static final Struct EVENT = new Struct("mesh_event", u32("kind"), u32("pid"), u64("netns"), u64("cgroup_id"), u32("workload"), u32("svc_id"));

    static final List<Struct> ALL = List.of(SVC_KEY, SVC, BE_KEY, BACKEND, LSN, WL, ORIG, FLOW, UFLOW, UORIG, CFG, EVENT);

    private Abi() {}

    /** The one address form of the maps: 16 bytes, v4 as ::ffff:a.b.c.d. */
    static byte[] address(InetAddress address) {
        byte[] raw = address.getAddress();
        if (raw.length == 16) return raw;
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(raw, 0, mapped, 12, 4);
        return mapped;
    }

    /** Back again; a v4-mapped address becomes a v4 one. */
    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(bytes.length + " bytes of address (expected: 16)", impossible);
        }
    }

    static boolean isV4(InetAddress address) {
        return address instanceof Inet4Address;
    }
}
