package heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** conf/settings.list: every key there is, in the file's order. */
final class SettingsList {
    private final Map<String, Setting> byKey = new LinkedHashMap<>();

    static SettingsList read(Path file) throws IOException {
        SettingsList list = new SettingsList();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) continue;
            try {
                list.add(line);
            } catch (IllegalArgumentException bad) {
                throw new IOException(file + ":" + number + ": " + bad.getMessage(), bad);
            }
        }
        return list;
    }

    private void add(String line) {
        String[] fields = line.split("\\|", -1);
        if (fields.length != 7) throw new IllegalArgumentException(fields.length + " fields (expected: 7)");
        for (int i = 0; i < fields.length; i++) fields[i] = fields[i].strip();
        List<Setting.Target> targets = new ArrayList<>();
        for (String pid : fields[1].split(",")) {
            if (pid.strip().equals("launcher")) continue;
            int mark = pid.indexOf('#');
            targets.add(mark < 0 ? new Setting.Target(pid.strip(), fields[0]) : new Setting.Target(pid.substring(0, mark).strip(), pid.substring(mark + 1).strip()));
        }
        boolean reloadable = switch (fields[5]) {
            case "reload" -> true;
            case "restart" -> false;
            default -> throw new IllegalArgumentException(fields[5] + " (expected: reload or restart)");
        };
        Setting setting = new Setting(fields[0], targets, SettingType.of(fields[2]), fields[3], fields[4], reloadable, fields[6]);
        if (byKey.putIfAbsent(setting.key(), setting) != null) throw new IllegalArgumentException(setting.key() + " is there twice");
    }

    Collection<Setting> all() {
        return byKey.values();
    }

    Optional<Setting> find(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** Whether longer keys start with this one, so that a mapping may follow it in YAML. */
    boolean isPrefix(String key) {
        return byKey.keySet().stream().anyMatch(known -> known.startsWith(key + "."));
    }

    /** The known key with the fewest edits from an unknown one. */
    String nearest(String key) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String known : byKey.keySet()) {
            int distance = distance(key.toLowerCase(java.util.Locale.ROOT), known.toLowerCase(java.util.Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        return best;
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
