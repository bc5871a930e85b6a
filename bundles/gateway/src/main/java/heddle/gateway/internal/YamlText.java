package heddle.gateway.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML text to trees, from the parser's events: no object is ever made by a tag, and an alias costs nothing but what decoding will cost. */
final class YamlText {
    /** Deeper than any manifest; keeps the decoder's recursion bounded. */
    static final int MAX_DEPTH = 100;
    /** Nodes of one document, those behind aliases counted at each use (the "billion laughs"). */
    static final int MAX_NODES = 2_000_000;

    private static final LoadSettings SETTINGS = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).setUseMarks(true).build();

    private final int firstLine;
    private final Deque<TreeBuilder> open = new ArrayDeque<>();
    private final Deque<Key> keys = new ArrayDeque<>();
    private final Deque<String> anchorOf = new ArrayDeque<>();
    private final Map<String, Tree> anchors = new HashMap<>();
    private final List<Tree> documents = new ArrayList<>();
    private @Nullable Key key;
    private long nodes;

    private record Key(String name, int line) {}

    private YamlText(int firstLine) {
        this.firstLine = firstLine;
    }

    /** The documents of {@code text}, whose first line is {@code firstLine} of its file. */
    static List<Tree> read(String text, int firstLine) throws BrokenTextException {
        YamlText reader = new YamlText(firstLine);
        try {
            Iterator<Event> events = new Parse(SETTINGS).parseString(text).iterator();
            while (events.hasNext()) {
                reader.on(events.next());
            }
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().or(e::getContextMark).map(mark -> firstLine + mark.getLine()).orElse(firstLine);
            throw new BrokenTextException(line, "is no YAML: " + (e.getProblem() == null ? e.getContext() : e.getProblem()));
        } catch (YamlEngineException e) {
            throw new BrokenTextException(firstLine, "is no YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        return reader.documents;
    }

    private void on(Event event) throws BrokenTextException {
        int line = event.getStartMark().map(mark -> firstLine + mark.getLine()).orElse(firstLine);
        switch (event.getEventId()) {
            case Scalar -> scalar((ScalarEvent) event, line);
            case MappingStart -> start((NodeEvent) event, new TreeBuilder.OfFields(line), line);
            case SequenceStart -> start((NodeEvent) event, new TreeBuilder.OfItems(line), line);
            case MappingEnd, SequenceEnd -> end(line);
            case Alias -> alias((AliasEvent) event, line);
            case DocumentStart -> {
                anchors.clear();
                nodes = 0;
            }
            default -> { }
        }
    }

    private void scalar(ScalarEvent event, int line) throws BrokenTextException {
        String text = event.getValue();
        if (open.peek() instanceof TreeBuilder.OfFields && key == null) {
            key = new Key(text, line);
            event.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), new Tree.Scalar(text, Tree.Kind.STRING, line)));
            return;
        }
        Tree.Kind kind = event.isPlain() && event.getTag().isEmpty() ? Scalars.kindOf(text) : Tree.Kind.STRING;
        Tree value = new Tree.Scalar(text, kind, line);
        event.getAnchor().map(Anchor::getValue).ifPresent(anchor -> anchors.put(anchor, value));
        put(value, 1, line);
    }

    private void start(NodeEvent event, TreeBuilder builder, int line) throws BrokenTextException {
        if (open.peek() instanceof TreeBuilder.OfFields && key == null) {
            throw new BrokenTextException(line, "has a field name that is not a string");
        }
        if (open.size() >= MAX_DEPTH) {
            throw new BrokenTextException(line, "is nested deeper than " + MAX_DEPTH);
        }
        open.push(builder);
        keys.push(key == null ? new Key("", line) : key);
        anchorOf.push(event.getAnchor().map(Anchor::getValue).orElse(""));
        key = null;
    }

    private void end(int line) throws BrokenTextException {
        Tree built = open.pop().build();
        Key outer = keys.pop();
        String anchor = anchorOf.pop();
        if (!anchor.isEmpty()) {
            anchors.put(anchor, built);
        }
        key = open.peek() instanceof TreeBuilder.OfFields ? outer : null;
        put(built, 1, line);
    }

    private void alias(AliasEvent event, int line) throws BrokenTextException {
        Tree target = anchors.get(event.getAlias().getValue());
        if (target == null) {
            throw new BrokenTextException(line, "uses alias *" + event.getAlias().getValue() + ", which is not defined before it");
        }
        if (open.peek() instanceof TreeBuilder.OfFields && key == null) {
            if (!(target instanceof Tree.Scalar name)) {
                throw new BrokenTextException(line, "has a field name that is not a string");
            }
            key = new Key(name.text(), line);
            return;
        }
        put(target, target.size(), line);
    }

    private void put(Tree value, int cost, int line) throws BrokenTextException {
        nodes += cost;
        if (nodes > MAX_NODES) {
            throw new BrokenTextException(line, "has more than " + MAX_NODES + " values (aliases counted at each use)");
        }
        switch (open.peek()) {
            case null -> documents.add(value);
            case TreeBuilder.OfItems items -> items.add(value);
            case TreeBuilder.OfFields fields -> {
                Key name = java.util.Objects.requireNonNull(key);
                key = null;
                if (name.name.equals("<<") && merge(fields, value)) {
                    return;
                }
                if (!fields.add(name.name, value, name.line)) {
                    throw new BrokenTextException(name.line, "has field \"" + name.name + "\" twice in one object");
                }
            }
        }
    }

    /** YAML 1.1's merge key, which Kubernetes' own reader knows: fields written in the object itself win. */
    private static boolean merge(TreeBuilder.OfFields into, Tree from) {
        return switch (from) {
            case Tree.Fields fields -> {
                for (int i = 0; i < fields.keys().length; i++) {
                    into.addMerged(fields.keys()[i], fields.values()[i], fields.lines()[i]);
                }
                yield true;
            }
            case Tree.Items items -> {
                boolean all = true;
                for (Tree item : items.items()) {
                    all &= item instanceof Tree.Fields && merge(into, item);
                }
                yield all;
            }
            case Tree.Scalar scalar -> false;
        };
    }
}
