package heddle.steer.bind.internal;

/** Linux error numbers that a bind can meet. */
final class Errno {
    static final int EACCES = 13;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int EAFNOSUPPORT = 97;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;

    private Errno() {}

    static String name(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case EACCES -> "EACCES, permission denied";
            case ENFILE -> "ENFILE";
            case EMFILE -> "EMFILE";
            case EAFNOSUPPORT -> "EAFNOSUPPORT, address family not supported";
            case EADDRINUSE -> "EADDRINUSE, address in use";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL, cannot assign the address";
            default -> "errno " + errno;
        };
    }
}
