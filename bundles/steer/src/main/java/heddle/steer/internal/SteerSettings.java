package heddle.steer.internal;

/** PID {@code heddle.steer}; the keys are in launcher/conf/settings.list, with the same defaults. */
public @interface SteerSettings {
    String PREFIX_ = "steer.";

    /** Where cgroup v2 is mounted; empty = found. */
    String cgroupMount() default "";

    /** Our cgroup below it: {@code daemon} and {@code workloads} are made in it. */
    String cgroup() default "heddle";

    /** In bpffs; made with mode 0700. */
    String pinDirectory() default "/sys/fs/bpf/heddle";

    /** A heartbeat older than this means that the daemon hangs. */
    String staleAfter() default "2s";

    /** Wanted for the listeners on every namespace's loopback; 0 = any. */
    int listenerPort() default 0;

    /** {@code remove} or {@code keep}: what happens to programs, maps and links when the daemon ends. */
    String onStop() default "remove";

    /** The launcher's {@code takeOver}: whether a daemon that lives may be taken over. */
    boolean takeOver() default false;
}
