package heddle.api.source;

/** metav1.Condition without its time, which the source stamps when the status changes.
 *  @param status True, False or Unknown */
public record Condition(String type, String status, String reason, String message, long observedGeneration) {
    public boolean isTrue() {
        return status.equals("True");
    }
}
