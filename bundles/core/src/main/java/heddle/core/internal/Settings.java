package heddle.core.internal;

import heddle.api.model.Durations;
import java.time.Duration;

/** The settings in force, checked. */
record Settings(String loadBalancer, boolean strictGrants, Balancing serviceBalancing, Duration drain, SessionTokens sessionTokens, Nearest.Here here) {
    enum Balancing { AUTO, KERNEL, NONE }

    static final Settings DEFAULT = new Settings("round-robin", false, Balancing.AUTO, Duration.ofSeconds(30), new SessionTokens("heddle"), Nearest.Here.NOWHERE);

    static Settings of(CoreSettings given) {
        return new Settings(given.loadBalancer(), given.referenceGrants().equals("strict"), switch (given.serviceBalancing()) {
            case "kernel" -> Balancing.KERNEL;
            case "none" -> Balancing.NONE;
            case "auto" -> Balancing.AUTO;
            default -> throw new IllegalArgumentException("serviceBalancing: " + given.serviceBalancing() + " (expected: auto, kernel or none)");
        }, Durations.parse("swap.drain", given.swap_drain()), tokens(given), new Nearest.Here(given.nodeName(), given.zone()));
    }

    /** From the environment where it must not stand on the command line, which everybody on the machine may read. */
    private static SessionTokens tokens(CoreSettings given) {
        String secret = given.session_secret().isEmpty() ? System.getenv().getOrDefault("HEDDLE_SESSION_SECRET", "") : given.session_secret();
        return new SessionTokens(secret.isEmpty() ? SessionSecret.kept(given.stateDir()) : secret);
    }
}
