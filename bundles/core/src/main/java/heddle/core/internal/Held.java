package heddle.core.internal;

import java.util.List;

/** A plan that readers may hold after it has been replaced. It keeps what it uses alive until it is drained. On the assembler thread,
 *  but for the leases. */
abstract class Held {
    private final List<Shared> uses;
    private long build;

    Held(List<Shared> uses) {
        this.uses = uses;
        uses.forEach(Shared::retain);
    }

    /** Says that the plan belongs to the build with this number. */
    final void mark(long number) {
        build = number;
    }

    final boolean marked(long number) {
        return build == number;
    }

    final List<Shared> uses() {
        return uses;
    }

    /** Exchanges that have begun and not ended. */
    abstract long leases();

    /** After the last reader. */
    final void release() {
        uses.forEach(Shared::release);
    }
}
