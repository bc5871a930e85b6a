package heddle.api.admin;

/** What changes of parts have cost since core started; the difference of two tells what lies between.
 *  @param leases      exchanges that still used a replaced plan when it was replaced, and ended or were reset since
 *  @param connections client connections that a leaving forwarder had
 *  @param failed      exchanges and connections that were reset because their time to drain was over */
public record Drains(long leases, long connections, long failed) {}
