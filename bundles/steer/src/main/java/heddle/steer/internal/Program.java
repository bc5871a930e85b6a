package heddle.steer.internal;

/** The programs of the object, by their names there, and where each is attached. */
enum Program {
    CONNECT4("mesh_connect4", 10, true, false),
    CONNECT6("mesh_connect6", 11, true, false),
    SOCKOPS("mesh_sockops", 3, true, true),
    GETSOCKOPT("mesh_getsockopt", 21, false, true),
    PEERNAME4("mesh_peername4", 29, true, false),
    PEERNAME6("mesh_peername6", 30, true, false),
    SENDMSG4("mesh_sendmsg4", 14, true, false),
    SENDMSG6("mesh_sendmsg6", 15, true, false),
    RECVMSG4("mesh_recvmsg4", 19, true, false),
    RECVMSG6("mesh_recvmsg6", 20, true, false);

    final String symbol;
    /** {@code enum bpf_attach_type} */
    final int attachType;
    final boolean onWorkloads;
    final boolean onDaemon;

    Program(String symbol, int attachType, boolean onWorkloads, boolean onDaemon) {
        this.symbol = symbol;
        this.attachType = attachType;
        this.onWorkloads = onWorkloads;
        this.onDaemon = onDaemon;
    }
}
