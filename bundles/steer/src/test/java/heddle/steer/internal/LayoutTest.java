package heddle.steer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The Java twins against the BTF of the object that this bundle carries. */
class LayoutTest {
    private static Btf btf;
    /** Types that no map mentions are not in the object: a file with nothing else, compiled beside it. */
    private static Btf rest;

    @BeforeAll static void read() throws Exception {
        btf = Btf.of(BpfObject.bundled());
        rest = Btf.of(Files.readAllBytes(Path.of("target/bpf/abi.o")));
    }

    @TestFactory List<DynamicTest> everyStructHasTheLayoutOfItsTwin() {
        return Abi.ALL.stream().map(struct -> DynamicTest.dynamicTest(struct.layout().name().orElseThrow(), () -> {
            Map<String, Long> java = new LinkedHashMap<>();
            for (MemoryLayout member : struct.layout().memberLayouts()) {
                String field = member.name().orElseThrow();
                java.put(field, struct.layout().byteOffset(PathElement.groupElement(field)));
            }
            String name = struct.layout().name().orElseThrow();
            Btf.Struct c = btf.struct(name) == null ? rest.struct(name) : btf.struct(name);
            assertThat(java).isEqualTo(c.offsets());
            assertThat(struct.size()).isEqualTo(c.size());
        })).toList();
    }

    @Test void theCountersAreThoseOfTheKernelSide() {
        Map<String, Integer> c = rest.enumeration("mesh_stat");
        for (Stat stat : Stat.values()) assertThat(c).containsEntry("MESH_ST_" + stat.name(), stat.ordinal());
        assertThat(c).hasSize(Stat.values().length + 1).containsEntry("MESH_ST_COUNT", Stat.values().length);
    }

    @Test void modesAndPathsAreThoseOfTheKernelSide() {
        Map<String, Integer> modes = rest.enumeration("mesh_mode");
        for (var mode : heddle.api.steer.SteeringPlan.Mode.values()) assertThat(modes).containsEntry("MESH_" + mode.name(), mode.ordinal());
        assertThat(rest.enumeration("mesh_how")).containsEntry("MESH_HOW_STEER4", Abi.HOW_STEER4).containsEntry("MESH_HOW_STEER6", Abi.HOW_STEER6);
    }

    @Test void everyProgramAndMapIsThere() {
        for (Program program : Program.values()) assertThat(btf.functions()).contains(program.symbol);
        assertThat(btf.variables()).containsAll(BpfObject.MAPS);
    }
}
