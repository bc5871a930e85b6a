package heddle.policy.internal.filter;

import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.util.Optional;
import java.util.regex.Pattern;

/** PreciseHostname (apis/v1/shared_types.go): an RFC 1123 name, no address, no port, no wildcard. */
final class Hostname {
    private static final Pattern PRECISE = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private Hostname() {}

    static Optional<String> checked(Optional<String> hostname, FilterSpec spec) throws InvalidFilterException {
        if (hostname.isPresent() && (hostname.get().length() > 253 || !PRECISE.matcher(hostname.get()).matches())) {
            throw new InvalidFilterException("hostname: " + hostname.get() + " (expected: a lower-case DNS name without port) in " + spec.where());
        }
        return hostname;
    }
}
