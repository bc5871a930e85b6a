package heddle.forward.internal;

/** Settings for tests: the defaults, with one loop and short waits. */
final class TestSettings {
    private TestSettings() {}

    static Settings of(int loops) {
        return of(loops, new Settings.Http2Limits(256, 262144, 500, 1000, 10, 16));
    }

    static Settings of(int loops, Settings.Http2Limits http2) {
        return new Settings(loops, true, 2_000_000_000L, 300_000_000L, 30_000_000_000L, 600_000_000_000L, 120_000_000_000L, 50_000_000_000L, 256,
                65536, 200, 4, 65536, false, http2);
    }

    /** Clients have 300 ms for a head and for each part of a body. */
    static Settings impatient(Settings.Http2Limits http2) {
        return new Settings(1, true, 2_000_000_000L, 300_000_000L, 300_000_000L, 600_000_000_000L, 300_000_000L, 50_000_000_000L, 256,
                65536, 200, 4, 65536, false, http2);
    }
}
