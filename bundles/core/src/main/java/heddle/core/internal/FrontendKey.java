package heddle.core.internal;

/** One Service port. @param protocol TCP or UDP */
record FrontendKey(ServiceName service, int port, String protocol) {
    @Override public String toString() {
        return service + ":" + port;
    }
}
