package heddle.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.osgi.framework.Bundle;

/** What the shell may order: {@code deploy FILE}, {@code undeploy PLUGIN}, {@code rollback PLUGIN} give the bundle's id; {@code refused}
 *  gives file name and reason, one after the other; {@code lowest-priority THREAD} is core's, about a plugin's thread that does not end. Words in and out, since the launcher and the bundles share no types but the JDK's.
 *  An order that cannot be carried out is an IllegalArgumentException whose message is for the user. */
record PluginOrders(PluginFolder plugins) implements Function<List<String>, List<String>> {
    @Override public List<String> apply(List<String> words) {
        try {
            return switch (words.getFirst()) {
                case "deploy" -> id(plugins.deploy(Path.of(words.get(1)), Path.of(words.get(1)).getFileName().toString()));
                case "undeploy" -> id(plugins.undeploy(words.get(1)));
                case "rollback" -> id(plugins.rollback(words.get(1)));
                case "refused" -> refused();
                case "lowest-priority" -> List.of(String.valueOf(ThreadPriority.lowest(Integer.parseInt(words.get(1)))));
                default -> throw new IllegalArgumentException("no such order: " + words.getFirst());
            };
        } catch (PluginRefusedException no) {
            throw new IllegalArgumentException(no.getMessage(), no);
        } catch (IOException bad) {
            throw new IllegalArgumentException("cannot read or write " + bad.getMessage(), bad);
        }
    }

    private static List<String> id(Bundle bundle) {
        return List.of(String.valueOf(bundle.getBundleId()));
    }

    private List<String> refused() {
        List<String> words = new ArrayList<>();
        plugins.refused().forEach((file, reason) -> words.addAll(List.of(file, reason)));
        return words;
    }
}
