package heddle.core.internal;

import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;

/** Code that goes on without end, for {@link EndlessCodeTest}; at the top level, so that it can be loaded again without the test. */
enum Spin implements IntUnaryOperator {
    RETRIES {
        @Override public int applyAsInt(int n) {
            while (true) {
                try {
                    throw new IllegalStateException();
                } catch (IllegalStateException again) {
                    n++;
                }
            }
        }
    },
    SWALLOWS {
        @Override public int applyAsInt(int n) {
            while (true) {
                try {
                    while (true) n++;
                } catch (Throwable swallowed) {
                    n--;
                } finally {
                    n++;
                }
            }
        }
    },
    SPREADS {
        @Override public int applyAsInt(int n) {
            return n > 60 ? 1 : applyAsInt(n + 1) + applyAsInt(n + 1);
        }
    },
    SPREADS_OVER_THE_STACK {
        @Override public int applyAsInt(int n) {
            try {
                return applyAsInt(n + 1);
            } finally {
                applyAsInt(n + 1);
            }
        }
    },
    IN_A_LAMBDA {
        @Override public int applyAsInt(int n) {
            IntSupplier spins = () -> {
                for (int i = n; ; i++) if (i == -i) i++;
            };
            return spins.getAsInt();
        }
    },
    IN_A_DEFAULT_METHOD {
        @Override public int applyAsInt(int n) {
            return new Turns() {}.turn(n);
        }
    },
    WHILE_IT_IS_INITIALISED {
        @Override public int applyAsInt(int n) {
            return Starts.number;
        }
    },
    BEFORE_SUPER {
        @Override public int applyAsInt(int n) {
            return new Early(n).hashCode();
        }
    },
    WITH_A_STACK {
        @Override public int applyAsInt(int n) {
            return n + switch (n) {
                case -5 -> 7;
                default -> {
                    int i = n;
                    while (true) i++;
                }
            };
        }
    },
    WITH_A_LOCK {
        @Override public int applyAsInt(int n) {
            synchronized (this) {
                while (true) n++;
            }
        }
    },
    /** Of all that is below a number; without end below -1. */
    SUMS {
        @Override public int applyAsInt(int n) {
            int sum = 0;
            for (int i = 1; i != n + 1; i = n < 0 ? i & 0xff : i + 1) sum += i;
            return sum;
        }
    },
    IN_A_SWITCH {
        @Override public int applyAsInt(int n) {
            while (true) {
                switch (n) {
                    case 1:
                        n = 5;
                        continue;
                    case 5:
                        n = 1000;
                        continue;
                    default:
                        n = 1;
                }
            }
        }
    };

    private interface Turns {
        default int turn(int n) {
            while (true) n++;
        }
    }

    private static final class Starts {
        static int number;

        static {
            while (number < Integer.MAX_VALUE) number = (number + 1) & 0xff;
        }
    }

    private static final class Early {
        Early(int n) {
            while (n > -1) n = (n + 1) & 0xff;
            super();
        }
    }
}
