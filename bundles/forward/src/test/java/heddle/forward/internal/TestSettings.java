package heddle.forward.internal;

/** Settings for tests: the defaults, with one loop. Waits that end a thing are long, so that a busy machine does not end it; a test about
 *  such a wait asks for a short one. */
final class TestSettings {
    private static final Settings.Http2Limits HTTP2 = new Settings.Http2Limits(256, 262144, 500, 1000, 10, 16);

    private TestSettings() {}

    static Settings of(int loops) {
        return of(loops, HTTP2);
    }

    static Settings of(int loops, Settings.Http2Limits http2) {
        return of(loops, 30_000_000_000L, 30_000_000_000L, 60_000_000_000L, 120_000_000_000L, http2);
    }

    private static Settings of(int loops, long connect, long detect, long header, long body, Settings.Http2Limits http2) {
        return of(loops, connect, detect, header, body, http2, new Tenants.Quota(0, 0, 0));
    }

    private static Settings of(int loops, long connect, long detect, long header, long body, Settings.Http2Limits http2, Tenants.Quota quota) {
        return of(loops, connect, detect, header, body, 50_000_000_000L, http2, quota);
    }

    private static Settings of(int loops, long connect, long detect, long header, long body, long upstreamIdle, Settings.Http2Limits http2, Tenants.Quota quota) {
        return new Settings(loops, true, connect, detect, header, 600_000_000_000L, body, upstreamIdle, 256, 65536, 200, 4, 65536, false, http2, quota);
    }

    /** Connections to endpoints may be idle for 80 ms; they are looked at each 100 ms. */
    static Settings quickToSweep() {
        return of(1, 30_000_000_000L, 30_000_000_000L, 60_000_000_000L, 120_000_000_000L, 80_000_000L, HTTP2, new Tenants.Quota(0, 0, 0));
    }

    /** One loop with a quota for each namespace. */
    static Settings limited(Tenants.Quota quota) {
        return of(1, 30_000_000_000L, 30_000_000_000L, 60_000_000_000L, 120_000_000_000L, HTTP2, quota);
    }

    /** An endpoint has half a second to be connected to, TLS included. */
    static Settings quickToConnect() {
        return of(1, 500_000_000L, 30_000_000_000L, 60_000_000_000L, 120_000_000_000L, HTTP2);
    }

    /** Who has sent nothing for 300 ms speaks no HTTP. */
    static Settings quickToDetect() {
        return of(1, 30_000_000_000L, 300_000_000L, 60_000_000_000L, 120_000_000_000L, HTTP2);
    }

    /** Clients have 300 ms for a head and for each part of a body. */
    static Settings impatient(Settings.Http2Limits http2) {
        return of(1, 30_000_000_000L, 30_000_000_000L, 300_000_000L, 300_000_000L, http2);
    }
}
