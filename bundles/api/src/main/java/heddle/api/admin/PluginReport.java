package heddle.api.admin;

import java.util.Map;

/** What a plugin's filters did.
 *  @param id     of its bundle
 *  @param calls  by how they ended: {@code ok}, {@code fault}, {@code overdue}, {@code refused}
 *  @param faulty why they are not called any more; "" while they are */
public record PluginReport(long id, String bundle, Map<String, Long> calls, String faulty) {
    public PluginReport {
        calls = Map.copyOf(calls);
    }
}
