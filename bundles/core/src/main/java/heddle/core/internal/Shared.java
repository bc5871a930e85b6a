package heddle.core.internal;

/** Something that several plans use and that is closed after the last of them (a filter, a balancer, a series). On the assembler thread. */
abstract class Shared {
    private int users;

    final void retain() {
        users++;
    }

    final void release() {
        users--;
    }

    final boolean unused() {
        return users == 0;
    }

    /** Called once, when no plan that a reader could still hold uses it. */
    abstract void close();
}
