package heddle.api.admin;

import heddle.api.source.Condition;
import java.util.List;

/** One route. @param origin file and line, or the source's own word */
public record RouteReport(String kind, String namespace, String name, String origin, int rules, List<Attachment> parents, List<String> warnings) {
    public RouteReport {
        parents = List.copyOf(parents);
        warnings = List.copyOf(warnings);
    }

    /** @param ports Service ports on which it is in force
     *  @param set   {@code producer}, {@code consumer}, {@code selected producer}, {@code selected consumer} */
    public record Attachment(String parent, List<Integer> ports, String set, List<Condition> conditions) {
        public Attachment {
            ports = List.copyOf(ports);
            conditions = List.copyOf(conditions);
        }
    }
}
