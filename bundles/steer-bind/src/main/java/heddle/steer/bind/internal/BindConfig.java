package heddle.steer.bind.internal;

/** Settings of PID heddle.steer.bind; keys and defaults as in conf/settings.list. */
@interface BindConfig {
    String udp_idleTimeout() default "60s";

    int udp_maxFlows() default 4096;
}
