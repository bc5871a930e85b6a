package heddle.launcher;

import java.util.List;

/** One line of conf/settings.list.
 *  @param targets who gets it, without the launcher itself
 *  @param text    the default as written there */
record Setting(String key, List<Target> targets, SettingType type, String text, String unit, boolean reloadable, String description) {
    Setting {
        targets = List.copyOf(targets);
        type.parse(text, path -> path);
    }

    record Target(String pid, String property) {}
}
