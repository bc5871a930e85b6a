package heddle.api.match;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Compiles the matches of one route set into a table. Called on core's assembler thread; several sets may be compiled at once.
 *  Of several compilers the highest {@code service.ranking} is used. Refuses single rules, never throws for one. */
@ConsumerType
public interface RouteCompiler {
    /** Shown by {@code status}. */
    String name();

    Compiled compile(List<Candidate> candidates);
}
