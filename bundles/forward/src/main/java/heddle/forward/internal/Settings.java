package heddle.forward.internal;

import heddle.api.model.Durations;

/** The forwarder's settings as the data path uses them: checked, times in nanoseconds. Read from {@link ForwardConfig}. */
record Settings(int loops, boolean podUpstream, long connectNanos, long detectNanos, long headerNanos, long idleNanos, long bodyNanos,
                long upstreamIdleNanos, int maxIdleUpstream, int maxHeaderBytes, int maxHeaders, int filterThreads, int maxReplayBytes, boolean forwardedFor,
                Http2Limits http2, Tenants.Quota quota) {
    /** @param maxStreams       open requests of one connection
     *  @param window           bytes of one request body that are held at most; a connection has 64 times as much
     *  @param maxResets        RST_STREAM frames a second in either direction
     *  @param maxControlFrames PING, SETTINGS and PRIORITY frames a second
     *  @param maxEmptyData     DATA frames in a row that carry nothing and end nothing
     *  @param maxContinuations small CONTINUATION frames of one header block */
    record Http2Limits(int maxStreams, int window, int maxResets, int maxControlFrames, int maxEmptyData, int maxContinuations) {}

    static Settings of(ForwardConfig config) {
        int loops = config.forward_loops();
        if (loops == 0) loops = Runtime.getRuntime().availableProcessors();
        return new Settings(loops, !config.forward_upstreamSource().equals("node"), nanos("connectTimeout", config.forward_connectTimeout()),
                nanos("detectTimeout", config.forward_detectTimeout()), nanos("headerTimeout", config.forward_headerTimeout()), nanos("idleTimeout", config.forward_idleTimeout()),
                nanos("bodyTimeout", config.forward_bodyTimeout()), nanos("upstreamIdleTimeout", config.forward_upstreamIdleTimeout()), config.forward_maxIdleUpstream(),
                config.forward_maxHeaderBytes(), config.forward_maxHeaders(), config.forward_filterThreads(), config.forward_maxReplayBytes(), config.forward_appendForwardedFor(),
                new Http2Limits(config.forward_http2MaxStreams(), config.forward_http2Window(), config.forward_http2MaxResets(), config.forward_http2MaxControlFrames(),
                        config.forward_http2MaxEmptyData(), config.forward_http2MaxContinuations()),
                new Tenants.Quota(config.quota_connections(), config.quota_requests(), config.quota_bufferedBytes()));
    }

    /** {@code 0s} = off. */
    private static long nanos(String key, String duration) {
        return Durations.parse("forward." + key, duration).toNanos();
    }
}
