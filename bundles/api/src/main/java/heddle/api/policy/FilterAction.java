package heddle.api.policy;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** What a filter decided. */
public sealed interface FilterAction {
    /** Go on with the next filter. */
    FilterAction CONTINUE = new Continue();

    record Continue() implements FilterAction {}

    /** Answer now; the rest of the chain and the backend are skipped.
     *  @param reason names the cause in access records: {@code redirect}, {@code fault-abort} */
    record Reply(int status, List<Field> headers, byte[] body, String reason) implements FilterAction {
        public Reply {
            if (status < 200 || status > 999) throw new IllegalArgumentException("status " + status + " (expected: 200 to 999)");
            headers = List.copyOf(headers);
            Objects.requireNonNull(body, "body");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Decide later; the exchange waits, its event loop does not. A stage that fails answers 500. */
    record Later(CompletionStage<FilterAction> stage) implements FilterAction {
        public Later {
            Objects.requireNonNull(stage, "stage");
        }
    }

    record Field(String name, String value) {
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }
}
