package heddle.shell.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Offers each command to Gogo as {@code mesh:NAME}, and writes the audit log for those that change something. */
final class Functions implements AutoCloseable {
    private final List<ServiceRegistration<Function>> registrations = new ArrayList<>();

    Functions(BundleContext context, List<Command> commands) {
        for (Command command : commands) {
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(CommandProcessor.COMMAND_SCOPE, "mesh");
            properties.put(CommandProcessor.COMMAND_FUNCTION, command.name());
            registrations.add(context.registerService(Function.class, (session, arguments) -> run(command, session, arguments), properties));
        }
    }

    private static @org.jspecify.annotations.Nullable Object run(Command command, CommandSession session, List<Object> arguments) throws Exception {
        List<String> words = arguments.stream().map(String::valueOf).toList();
        Process process = Process.Utils.current();
        PrintStream out = process == null ? session.getConsole() : process.out();
        if (words.contains("--help") || words.contains("-h")) {
            out.print(command.help());
            return null;
        }
        if (command.changes(words)) Audit.line("command mesh:" + command.name() + words.stream().map(" "::concat).collect(Collectors.joining()), String.valueOf(session.get(ControlSession.PEER)));
        command.run(new Call(command.name(), words, out));
        return null;
    }

    @Override public void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }
}
