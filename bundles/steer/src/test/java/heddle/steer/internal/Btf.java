package heddle.steer.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Just enough of BTF (Documentation/bpf/btf.rst) to read names, offsets and enum values out of an ELF file's .BTF section. */
final class Btf {
    record Struct(int size, Map<String, Long> offsets) {}

    private final Map<String, Struct> structs = new HashMap<>();
    private final Map<String, Map<String, Integer>> enums = new HashMap<>();
    private final Set<String> functions = new HashSet<>();
    private final Set<String> variables = new HashSet<>();

    static Btf of(byte[] elf) {
        ByteBuffer file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) file.getLong(40);
        int entry = file.getShort(58);
        int count = file.getShort(60);
        int names = (int) file.getLong(table + file.getShort(62) * entry + 24);
        for (int i = 0; i < count; i++) {
            int header = table + i * entry;
            if (string(file, names + file.getInt(header)).equals(".BTF")) {
                return new Btf(file.slice((int) file.getLong(header + 24), (int) file.getLong(header + 32)).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        throw new IllegalArgumentException("no .BTF section");
    }

    private Btf(ByteBuffer btf) {
        int types = btf.getInt(4) + btf.getInt(8);
        int end = types + btf.getInt(12);
        int strings = btf.getInt(4) + btf.getInt(16);
        Map<String, Boolean> done = new HashMap<>();
        for (int at = types; at < end; ) {
            String name = string(btf, strings + btf.getInt(at));
            int info = btf.getInt(at + 4);
            int size = btf.getInt(at + 8);
            int members = info & 0xffff;
            at += 12;
            switch (info >> 24 & 0x1f) {
                case 1 -> at += 4;                                      // INT
                case 3 -> at += 12;                                     // ARRAY
                case 4, 5 -> {                                          // STRUCT, UNION
                    Map<String, Long> offsets = new LinkedHashMap<>();
                    for (int m = 0; m < members; m++, at += 12) offsets.put(string(btf, strings + btf.getInt(at)), (btf.getInt(at + 8) & 0xffffffffL) / 8);
                    structs.put(name, new Struct(size, offsets));
                }
                case 6 -> {                                             // ENUM
                    Map<String, Integer> values = new LinkedHashMap<>();
                    for (int m = 0; m < members; m++, at += 8) values.put(string(btf, strings + btf.getInt(at)), btf.getInt(at + 4));
                    enums.put(name, values);
                }
                case 12 -> functions.add(name);                         // FUNC
                case 13 -> at += 8 * members;                           // FUNC_PROTO
                case 14 -> {                                            // VAR
                    variables.add(name);
                    at += 4;
                }
                case 15, 19 -> at += 12 * members;                      // DATASEC, ENUM64
                case 17 -> at += 4;                                     // DECL_TAG
                default -> done.put(name, true);                        // PTR, FWD, TYPEDEF, qualifiers: nothing behind
            }
        }
    }

    private static String string(ByteBuffer from, int at) {
        int end = at;
        while (from.get(end) != 0) end++;
        byte[] bytes = new byte[end - at];
        from.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    Struct struct(String name) {
        return structs.get(name);
    }

    Map<String, Integer> enumeration(String name) {
        return enums.getOrDefault(name, Map.of());
    }

    List<String> functions() {
        return new ArrayList<>(functions);
    }

    Set<String> variables() {
        return variables;
    }
}
