package heddle.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of all settings: defaults, under the YAML file, under the command line. Immutable. */
final class Configuration {
    private static final String PLUGIN_SETTINGS = "plugins.settings";
    /** Our own PIDs have their own keys; {@code heddle.sample.} is outside. */
    private static final Pattern PLUGIN_SETTING = Pattern.compile("(?!heddle\\.(?!sample\\.))([A-Za-z0-9._-]+):([A-Za-z0-9._-]+)=(.*)");
    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+)(ms|h|m|s)");
    private final SettingsList list;
    private final Map<String, Object> values;
    private final Set<String> given;

    private Configuration(SettingsList list, Map<String, Object> values, Set<String> given) {
        this.list = list;
        this.values = values;
        this.given = given;
    }

    /** What the user wants; kept for reloads.
     *  @param file      the YAML file, if there is one
     *  @param sets      {@code key=value} in the order of the command line
     *  @param manifests folders that come on top of the key {@code manifests} */
    record Wish(Optional<Path> file, List<String> sets, List<String> manifests) {
        Wish {
            sets = List.copyOf(sets);
            manifests = List.copyOf(manifests);
        }
    }

    static Configuration read(SettingsList list, Wish wish) throws ConfigurationException {
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Setting setting : list.all()) values.put(setting.key(), setting.type().parse(setting.text(), path -> path));
        Set<String> given = new TreeSet<>();
        wish.file().ifPresent(file -> new YamlSettings(list, file, problems).read().forEach((key, value) -> {
            values.put(key, value);
            given.add(key);
        }));
        Path here = Path.of("").toAbsolutePath();
        for (String set : wish.sets()) {
            int equals = set.indexOf('=');
            String key = equals < 0 ? set : set.substring(0, equals);
            Optional<Setting> setting = list.find(key);
            if (equals < 0) problems.add("--set " + set + ": expected key=value");
            else if (setting.isEmpty()) problems.add("--set " + set + ": unknown key " + key + "; the nearest is " + list.nearest(key));
            else put(setting.get(), set.substring(equals + 1), here, values, given, problems, "--set " + set);
        }
        if (!wish.manifests().isEmpty()) {
            List<String> folders = new ArrayList<>(Arrays.asList((String[]) Objects.requireNonNull(values.get("manifests"))));
            wish.manifests().forEach(folder -> folders.add(here.resolve(folder).normalize().toString()));
            values.put("manifests", folders.toArray(String[]::new));
            given.add("manifests");
        }
        for (String each : (String[]) Objects.requireNonNull(values.get(PLUGIN_SETTINGS))) {
            if (!PLUGIN_SETTING.matcher(each).matches()) problems.add(PLUGIN_SETTINGS + ": " + each + " (expected: PID:KEY=VALUE with the PID of a plugin)");
        }
        if (!problems.isEmpty()) throw new ConfigurationException(problems);
        return new Configuration(list, values, given);
    }

    private static void put(Setting setting, String text, Path folder, Map<String, Object> values, Set<String> given, List<String> problems, String where) {
        try {
            values.put(setting.key(), setting.type().parse(text, path -> folder.resolve(path).normalize().toString()));
            given.add(setting.key());
        } catch (IllegalArgumentException bad) {
            problems.add(where + ": " + bad.getMessage());
        }
    }

    SettingsList list() {
        return list;
    }

    /** Keys that the user wrote. */
    Set<String> given() {
        return given;
    }

    String text(String key) {
        return (String) Objects.requireNonNull(values.get(key), key);
    }

    boolean flag(String key) {
        return (Boolean) Objects.requireNonNull(values.get(key), key);
    }

    Duration duration(String key) {
        Matcher parts = DURATION_PART.matcher(text(key));
        Duration sum = Duration.ZERO;
        while (parts.find()) {
            long number = Long.parseLong(parts.group(1));
            sum = sum.plus(switch (parts.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMillis(number);
            });
        }
        return sum;
    }

    List<String> texts(String key) {
        return List.of((String[]) Objects.requireNonNull(values.get(key), key));
    }

    /** With another value; for what the launcher works out itself, such as the default place of the control socket. */
    Configuration with(String key, String value) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        changed.put(key, value);
        return new Configuration(list, changed, given);
    }

    /** Properties for Config Admin: PID, then name. */
    Map<String, Map<String, Object>> byPid() {
        Map<String, Map<String, Object>> pids = new LinkedHashMap<>();
        for (Setting setting : list.all()) {
            for (Setting.Target target : setting.targets()) {
                pids.computeIfAbsent(target.pid(), pid -> new LinkedHashMap<>()).put(target.property(), Objects.requireNonNull(values.get(setting.key())));
            }
        }
        for (String each : texts(PLUGIN_SETTINGS)) {
            Matcher setting = PLUGIN_SETTING.matcher(each);
            if (setting.matches()) pids.computeIfAbsent(setting.group(1), pid -> new LinkedHashMap<>()).put(setting.group(2), setting.group(3));
        }
        return pids;
    }

    /** Settings whose value differs in the other configuration. */
    List<Setting> differing(Configuration other) {
        return list.all().stream().filter(setting -> !Objects.deepEquals(values.get(setting.key()), other.values.get(setting.key()))).toList();
    }

    /** This one with the other's values of these settings. */
    Configuration taking(List<Setting> settings, Configuration other) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        settings.forEach(setting -> changed.put(setting.key(), Objects.requireNonNull(other.values.get(setting.key()))));
        return new Configuration(list, changed, other.given);
    }
}
