package heddle.forward.internal;

/** The field grpc-timeout: at most eight digits and a unit (gRPC over HTTP/2, "Requests"). */
final class GrpcTimeout {
    private static final long LONGEST = Long.MAX_VALUE / 4;

    private GrpcTimeout() {}

    /** 0 = none, or not one. */
    static long nanos(String value) {
        int digits = value.length() - 1;
        if (digits < 1 || digits > 8) return 0;
        long n = 0;
        for (int i = 0; i < digits; i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) return 0;
            n = 10 * n + digit;
        }
        long unit = switch (value.charAt(digits)) {
            case 'H' -> 3_600_000_000_000L;
            case 'M' -> 60_000_000_000L;
            case 'S' -> 1_000_000_000L;
            case 'm' -> 1_000_000L;
            case 'u' -> 1_000L;
            case 'n' -> 1L;
            default -> 0L;
        };
        return unit > 0 && n > LONGEST / unit ? LONGEST : n * unit;
    }
}
