package heddle.api.model;

import java.time.Duration;
import java.util.Optional;

/** SessionPersistence (apis/v1/shared_types.go; SPEC.md T9). {@code sessionName} "" = chosen by us. */
public record SessionPersistence(String sessionName, Type type, Optional<Duration> absoluteTimeout, Optional<Duration> idleTimeout,
                                 boolean permanentCookie) {
    public enum Type { COOKIE, HEADER }
}
