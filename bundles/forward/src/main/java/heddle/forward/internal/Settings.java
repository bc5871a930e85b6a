package heddle.forward.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forwarder's settings as the data path uses them: checked, times in nanoseconds. Read from {@link ForwardConfig}. */
record Settings(int loops, boolean podUpstream, long connectNanos, long detectNanos, long headerNanos, long idleNanos, long bodyNanos,
                long upstreamIdleNanos, int maxIdleUpstream, int maxHeaderBytes, int maxHeaders, int filterThreads, int maxReplayBytes, boolean forwardedFor,
                Http2Limits http2) {
    /** @param maxStreams       open requests of one connection
     *  @param window           bytes of one request body that are held at most; a connection has 64 times as much
     *  @param maxResets        RST_STREAM frames a second in either direction
     *  @param maxControlFrames PING, SETTINGS and PRIORITY frames a second
     *  @param maxEmptyData     DATA frames in a row that carry nothing and end nothing
     *  @param maxContinuations small CONTINUATION frames of one header block */
    record Http2Limits(int maxStreams, int window, int maxResets, int maxControlFrames, int maxEmptyData, int maxContinuations) {}

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,5})(h|ms|m|s)");

    static Settings of(ForwardConfig config) {
        int loops = config.forward_loops();
        if (loops == 0) loops = Runtime.getRuntime().availableProcessors();
        return new Settings(loops, !config.forward_upstreamSource().equals("node"), nanos(config.forward_connectTimeout()),
                nanos(config.forward_detectTimeout()), nanos(config.forward_headerTimeout()), nanos(config.forward_idleTimeout()),
                nanos(config.forward_bodyTimeout()), nanos(config.forward_upstreamIdleTimeout()), config.forward_maxIdleUpstream(),
                config.forward_maxHeaderBytes(), config.forward_maxHeaders(), config.forward_filterThreads(), config.forward_maxReplayBytes(), config.forward_appendForwardedFor(),
                new Http2Limits(config.forward_http2MaxStreams(), config.forward_http2Window(), config.forward_http2MaxResets(), config.forward_http2MaxControlFrames(),
                        config.forward_http2MaxEmptyData(), config.forward_http2MaxContinuations()));
    }

    /** Gateway API duration; {@code 0s} = off. */
    static long nanos(String duration) {
        Matcher part = DURATION.matcher(duration);
        long sum = 0;
        int at = 0;
        while (part.find() && part.start() == at) {
            long n = Long.parseLong(part.group(1));
            sum += n * switch (part.group(2)) {
                case "h" -> 3_600_000_000_000L;
                case "m" -> 60_000_000_000L;
                case "s" -> 1_000_000_000L;
                default -> 1_000_000L;
            };
            at = part.end();
        }
        if (at == 0 || at != duration.length()) throw new IllegalArgumentException("duration: " + duration + " (expected like 2s, 1m30s, 500ms)");
        return sum;
    }
}
