package heddle.match.internal;

/** {@code /service/method}, the path of a gRPC call; any other shape has neither. */
final class RpcPath {
    private RpcPath() {}

    static String service(String path) {
        int slash = middleSlash(path);
        return slash < 0 ? Dimension.ABSENT : path.substring(1, slash);
    }

    static String method(String path) {
        int slash = middleSlash(path);
        return slash < 0 ? Dimension.ABSENT : path.substring(slash + 1);
    }

    static boolean is(String path) {
        return middleSlash(path) > 0;
    }

    private static int middleSlash(String path) {
        if (path.length() < 4 || path.charAt(0) != '/') return -1;
        int slash = path.indexOf('/', 1);
        return slash > 1 && slash < path.length() - 1 && path.indexOf('/', slash + 1) < 0 ? slash : -1;
    }
}
