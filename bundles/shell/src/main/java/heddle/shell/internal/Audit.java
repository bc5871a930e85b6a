package heddle.shell.internal;

import java.lang.System.Logger.Level;
import java.util.regex.Pattern;

/** The log of what is changed through the control socket, and by whom: logger {@code heddle.audit}. Any thread. */
final class Audit {
    private static final System.Logger LOG = System.getLogger("heddle.audit");
    /** Commands that only read, and ours, which are told one by one. */
    private static final String READING = "\\s*(mesh:[a-z-]+|((felix|gogo|mesh):)?(lb|headers|inspect|which|help|type|echo|grep))(\\s[^|;&$(){}<>\\[\\]`]*)?";
    private static final Pattern ONLY_READS = Pattern.compile(READING + "(\\|" + READING + ")*");

    private Audit() {}

    /** @param what command and arguments, which may hold anything */
    static void line(String what, String who) {
        LOG.log(Level.INFO, "{0} by {1}", Table.clean(what), who);
    }

    /** Whether a line of Gogo may change something that no command of ours tells: Gogo can call whatever the framework has. */
    static boolean concerns(String line) {
        return !line.isBlank() && !ONLY_READS.matcher(line).matches();
    }
}
