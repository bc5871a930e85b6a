package heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The one YAML file. Keys may be nested or dotted; paths in it are relative to its folder. Read through nodes, because a problem
 *  has to name its line. */
final class YamlSettings {
    private final SettingsList list;
    private final Path file;
    private final List<String> problems;
    private final UnaryOperator<String> absolute;
    private final Map<String, Object> values = new LinkedHashMap<>();

    YamlSettings(SettingsList list, Path file, List<String> problems) {
        this.list = list;
        this.file = file;
        this.problems = problems;
        Path folder = file.toAbsolutePath().getParent();
        this.absolute = path -> folder.resolve(path).normalize().toString();
    }

    Map<String, Object> read() {
        try {
            String text = Files.readString(file);
            if (text.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) return values;     // as shipped: no need to start a YAML parser
            Optional<Node> root = new Compose(LoadSettings.builder().setLabel(file.toString()).build()).composeString(text);
            root.ifPresent(this::top);
        } catch (MarkedYamlEngineException bad) {
            problems.add(file + bad.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("") + ": " + bad.getProblem());
        } catch (YamlEngineException bad) {
            problems.add(file + ": " + bad.getMessage());
        } catch (IOException bad) {
            problems.add(file + ": cannot be read: " + bad);
        }
        return values;
    }

    private void top(Node root) {
        if (root instanceof MappingNode mapping) mapping("", mapping);
        else if (!(root instanceof ScalarNode scalar && (scalar.getValue().isEmpty() || scalar.getValue().equals("null")))) problem(root, "expected keys and values");
    }

    private void mapping(String prefix, MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                problem(tuple.getKeyNode(), "expected a key");
                continue;
            }
            String key = prefix + name.getValue();
            Optional<Setting> setting = list.find(key);
            if (setting.isPresent()) value(setting.get(), tuple.getValueNode());
            else if (list.isPrefix(key) && tuple.getValueNode() instanceof MappingNode inner) mapping(key + ".", inner);
            else problem(name, "unknown key " + key + "; the nearest is " + list.nearest(key));
        }
    }

    private void value(Setting setting, Node node) {
        try {
            Object value;
            if (node instanceof ScalarNode scalar) value = setting.type().parse(scalar.getValue(), absolute);
            else if (node instanceof SequenceNode sequence && setting.type() instanceof SettingType.Listing listing) value = listing.parseAll(elements(sequence), absolute);
            else throw new IllegalArgumentException("expected " + setting.type());
            values.put(setting.key(), value);
        } catch (IllegalArgumentException bad) {
            problem(node, setting.key() + ": " + (node instanceof ScalarNode scalar ? scalar.getValue() + ": " : "") + bad.getMessage());
        }
    }

    private static List<String> elements(SequenceNode sequence) {
        List<String> texts = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            if (!(element instanceof ScalarNode scalar)) throw new IllegalArgumentException("expected plain values in the list");
            texts.add(scalar.getValue());
        }
        return texts;
    }

    private void problem(Node node, String text) {
        problems.add(file + node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("") + ": " + text);
    }
}
