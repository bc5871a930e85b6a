package heddle.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line: {@code run} becomes the daemon, everything else is a short life. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        int status;
        try {
            status = dispatch(Installation.ofThisJar(), List.of(args));
        } catch (UsageException wrong) {
            System.err.println("heddle: " + wrong.getMessage());
            status = ExitStatus.USAGE.code();
        } catch (IOException failed) {
            System.err.println("heddle: " + failed.getMessage());
            status = ExitStatus.FAILED.code();
        }
        System.exit(status);
    }

    private static int dispatch(Installation installation, List<String> args) throws IOException, UsageException {
        String command = args.isEmpty() ? "help" : args.getFirst();
        List<String> rest = args.isEmpty() ? List.of() : args.subList(1, args.size());
        return switch (command) {
            case "run" -> run(installation, rest, false);
            case "train" -> run(installation, rest, true);
            case "status", "routes", "services", "explain", "wait", "hosts", "logs", "plugins", "swap", "deploy", "undeploy", "rollback", "reload", "stop", "exec-begin" -> Client.call(command, rest);
            case "diff" -> Client.call(command, absolute(rest));
            case "shell" -> Client.shell(rest);
            case "check" -> rest.contains("--help") ? CommandHelp.print(command) : Check.check(installation, rest);
            case "clean" -> rest.contains("--help") ? CommandHelp.print(command) : Check.clean(installation, rest);
            case "version" -> rest.contains("--help") ? CommandHelp.print(command) : version(installation);
            default -> throw new UsageException("no such command: " + command);
        };
    }

    /** The daemon has another working folder. */
    private static List<String> absolute(List<String> args) {
        List<String> made = new ArrayList<>(args);
        for (int i = 0; i < made.size(); i++) {
            if (made.get(i).startsWith("--manifests=")) made.set(i, "--manifests=" + Path.of(made.get(i).substring("--manifests=".length())).toAbsolutePath().normalize());
            else if (i > 0 && made.get(i - 1).equals("--manifests")) made.set(i, Path.of(made.get(i)).toAbsolutePath().normalize().toString());
        }
        return made;
    }

    private static int version(Installation installation) throws IOException {
        System.out.println("heddle " + installation.version() + ", Java " + Runtime.version() + " at " + System.getProperty("java.home"));
        String difference = new BundleLock(installation.home()).difference();
        if (!difference.isEmpty()) System.out.println(difference);
        return ExitStatus.OK.code();
    }

    private static int run(Installation installation, List<String> args, boolean training) throws IOException, UsageException {
        if (args.contains("--help") || args.contains("-h")) {
            System.out.print(RunHelp.text(installation));
            return 0;
        }
        try {
            return new Daemon(installation, wish(installation, args), training).run().code();
        } catch (ConfigurationException bad) {
            bad.problems().forEach(problem -> System.err.println("heddle: " + problem));
            return ExitStatus.USAGE.code();
        } catch (InterruptedException stopped) {
            return ExitStatus.FAILED.code();
        } catch (org.osgi.framework.BundleException bad) {
            System.err.println("heddle: the framework did not start: " + bad);
            return ExitStatus.FAILED.code();
        }
    }

    /** The options that {@code run} and {@code check} share. */
    static Configuration.Wish wish(Installation installation, List<String> args) throws UsageException {
        Optional<Path> file = Optional.empty();
        List<String> sets = new ArrayList<>();
        List<String> manifests = new ArrayList<>();
        for (Options options = new Options(args); options.more();) {
            switch (options.next()) {
                case "--config" -> file = Optional.of(Path.of(options.value()));
                case "--set" -> sets.add(options.value());
                case "--take-over" -> sets.add("takeOver=true");
                case "--kubernetes" -> sets.add("kubernetes=true");
                case "--kubeconfig" -> sets.add("kubeconfig=" + options.value());
                case "--node-name" -> sets.add("nodeName=" + options.value());
                case "--manifests" -> manifests.add(options.value());
                    default -> throw options.unknown();
            }
        }
        return new Configuration.Wish(file.isPresent() ? file : installation.defaultConfig(), sets, manifests);
    }
}
