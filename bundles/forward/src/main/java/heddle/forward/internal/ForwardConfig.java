package heddle.forward.internal;

/** Settings of PID heddle.forward; keys and defaults as in conf/settings.list. */
@interface ForwardConfig {
    boolean forward_appendForwardedFor() default false;

    int forward_loops() default 0;

    String forward_upstreamSource() default "pod";

    String forward_connectTimeout() default "2s";

    String forward_detectTimeout() default "3s";

    String forward_headerTimeout() default "30s";

    String forward_idleTimeout() default "10m";

    String forward_bodyTimeout() default "2m";

    String forward_upstreamIdleTimeout() default "50s";

    int forward_maxIdleUpstream() default 256;

    int forward_maxHeaderBytes() default 65536;

    int forward_maxHeaders() default 200;

    int forward_maxReplayBytes() default 65536;

    int forward_filterThreads() default 8;

    int forward_http2MaxStreams() default 256;

    int forward_http2Window() default 262144;

    int forward_http2MaxResets() default 500;

    int forward_http2MaxControlFrames() default 1000;

    int forward_http2MaxEmptyData() default 10;

    int forward_http2MaxContinuations() default 16;

    int quota_connections() default 0;

    int quota_requests() default 0;

    int quota_bufferedBytes() default 0;
}
