package heddle.api.admin;

import java.time.Instant;

/** A request that missed or failed a while ago, explained by what is in force now.
 *  @param target path and query as received
 *  @param status that the client got; 0 = its message was broken off
 *  @param reason {@code no-route}, {@code timeout}, …; {@code backend} when the backend itself answered so
 *  @param rule   that it matched then, or "" */
public record RecentFailure(Instant time, String service, int port, String client, String method, String target, int status, String reason,
                            String rule, Explained explained) {}
