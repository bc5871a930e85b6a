package heddle.steer.internal;

/** The kernel's counters; same order as {@code enum mesh_stat}, whose names these are (a test compares). */
enum Stat {
    PASS, STEER, BALANCE, REFUSE, NO_BACKEND, NO_LISTENER, LISTENER_GONE, LISTENER_FOREIGN, STALE, FAILED_OPEN, FAILED_CLOSED, FALLBACK,
    UNKNOWN_CLIENT, WRONG_FAMILY, SLOT_RACE, FLOW_TAKEN, FLOW_MISSING, FLOW_DROPPED, ORIGIN_READ, ORIGIN_ABSENT, UDP_REPLY, EVENT_LOST, NO_STORAGE;

    /** As shown in status and in metrics: {@code failed_open}. */
    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
