package heddle.core.internal;

/** Settings of {@code heddle.core} as Config Admin delivers them; the defaults are those of launcher/conf/settings.list. */
public @interface CoreSettings {
    /** Balancer of backends whose Service names none. */
    String loadBalancer() default "round-robin";

    /** {@code gamma}: no grant needed in a mesh; {@code strict}: a ReferenceGrant for each backendRef into another namespace (SPEC.md B9). */
    String referenceGrants() default "gamma";

    /** {@code kernel}, {@code none}, or {@code auto}: kernel unless Kubernetes is a source. */
    String serviceBalancing() default "auto";

    /** Seals session tokens; daemons with the same one understand each other's. "" = one that this daemon makes for itself. */
    String session_secret() default "";

    /** Where the daemon keeps what outlives it; "" = nowhere. */
    String stateDir() default "";

    /** The node that this daemon runs on, as the launcher has found it; "" = unknown. */
    String nodeName() default "";

    /** The node's zone; "" = that of the endpoints on this node. */
    String zone() default "";

    /** Requests and failures that are remembered of each Service port, for explain --recent and diff; 0: none. */
    int recentRequests() default 64;

    /** Longest call of a plugin's filter. */
    String plugins_budget() default "2s";

    /** Whether a new version that fails its first requests makes place for the one before. */
    boolean plugins_rollback() default false;

    /** Calls of one plugin that may wait for a thread. */
    int plugins_queue() default 256;

    /** Calls of one plugin at once. */
    int plugins_threads() default 4;

    /** How long a leaving service waits for the requests that use it. */
    String swap_drain() default "30s";

    /** Whether another daemon may be working here: it goes on until every source has delivered. */
    boolean takeOver() default false;

    /** Whether the source for Kubernetes, which begins after the others, is among those that the first snapshot waits for. */
    boolean kubernetes() default false;
}
