package heddle.forward.internal;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random numbers and request ids of one event loop: unique, not secret. */
final class RequestIds {
    private final RandomGenerator random = RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(new SecureRandom().nextLong());

    void fill(ReceivedRequest request) {
        if (!request.idMade) return;
        request.idHigh = random.nextLong();
        request.idLow = random.nextLong();
    }

    int next(int bound) {
        return random.nextInt(bound);
    }
}
