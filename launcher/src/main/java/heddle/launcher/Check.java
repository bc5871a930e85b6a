package heddle.launcher;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** {@code heddle check} and {@code heddle clean}: work of a bundle without the framework, on a plain class path of the same jars. */
final class Check {
    private static final String MANIFEST_CHECK = "heddle.source.file.internal.Check";
    private static final String KERNEL_CLEAN = "heddle.steer.internal.Clean";

    private Check() {}

    static int check(Installation installation, List<String> arguments) throws IOException, UsageException {
        Configuration configuration;
        try {
            configuration = Configuration.read(installation.settings(), Main.wish(installation, arguments));
            PluginTrust.of(configuration);
        } catch (ConfigurationException bad) {
            bad.problems().forEach(problem -> System.err.println("heddle: " + problem));
            return ExitStatus.USAGE.code();
        }
        return manifests(installation, configuration.texts("manifests").stream().map(Path::of).toList(), configuration.text("serviceRange"));
    }

    private static int manifests(Installation installation, List<Path> roots, String serviceRange) throws IOException {
        try (URLClassLoader bundles = new URLClassLoader(jars(installation), Check.class.getClassLoader())) {
            Object result = bundles.loadClass(MANIFEST_CHECK).getMethod("manifests", List.class, String.class, Collection.class).invoke(null, roots, serviceRange, List.of());
            List<?> problems = (List<?>) of(result, "problems");
            problems.forEach(System.err::println);
            ((List<?>) of(result, "warnings")).forEach(warning -> System.err.println("warning: " + warning));
            ((List<?>) of(result, "notes")).forEach(note -> System.err.println("note: " + note));
            System.out.println(of(result, "objects") + " objects, " + problems.size() + " problems");
            return problems.isEmpty() ? ExitStatus.OK.code() : ExitStatus.FAILED.code();
        } catch (InvocationTargetException failed) {
            System.err.println("heddle: " + failed.getCause().getMessage());
            return ExitStatus.FAILED.code();
        } catch (ReflectiveOperationException missing) {
            throw new IOException("this installation lacks " + MANIFEST_CHECK, missing);
        }
    }

    private static Object of(Object record, String component) throws ReflectiveOperationException {
        return record.getClass().getMethod(component).invoke(record);
    }

    /** Where to look is what the settings of {@code run} say. */
    static int clean(Installation installation, List<String> arguments) throws IOException, UsageException {
        List<String> rest = new ArrayList<>(arguments);
        Path socket = Client.socket(rest);
        Configuration configuration;
        try {
            configuration = Configuration.read(installation.settings(), Main.wish(installation, rest));
        } catch (ConfigurationException bad) {
            bad.problems().forEach(problem -> System.err.println("heddle: " + problem));
            return ExitStatus.USAGE.code();
        }
        if (Daemon.answers(socket)) {
            System.err.println("heddle: a daemon is running at " + socket + "; stop it first");
            return ExitStatus.FAILED.code();
        }
        Path hosts = socket.resolveSibling(socket.getFileName() + ".hosts");
        if (Files.isDirectory(hosts)) {
            try (Stream<Path> files = Files.list(hosts)) {
                for (Path file : files.toList()) remove(file);
            }
            remove(hosts);
        }
        return kernel(installation, List.of("--pins", configuration.text("steer.pinDirectory"), "--cgroup", configuration.text("steer.cgroup")));
    }

    private static void remove(Path path) throws IOException {
        Files.deleteIfExists(path);
        System.out.println("removed " + path);
    }

    private static int kernel(Installation installation, List<String> arguments) throws IOException {
        try (URLClassLoader bundles = new URLClassLoader(jars(installation), Check.class.getClassLoader())) {
            bundles.loadClass(KERNEL_CLEAN).getMethod("main", String[].class).invoke(null, (Object) arguments.toArray(String[]::new));
            return ExitStatus.OK.code();
        } catch (InvocationTargetException failed) {
            System.err.println("heddle: " + failed.getCause().getMessage());
            return failed.getCause() instanceof IllegalArgumentException ? ExitStatus.USAGE.code() : ExitStatus.FAILED.code();
        } catch (ReflectiveOperationException missing) {
            throw new IOException("this installation lacks " + KERNEL_CLEAN, missing);
        }
    }

    private static URL[] jars(Installation installation) throws IOException {
        try (Stream<Path> files = Files.list(installation.home().resolve("bundles"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("heddle-")).map(Check::url).toArray(URL[]::new);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
