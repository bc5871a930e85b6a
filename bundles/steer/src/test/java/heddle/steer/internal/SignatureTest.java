package heddle.steer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The hand-written bindings against the headers, as clang reads them. No name of a variable is needed: types in order are all. */
class SignatureTest {
    private static final String HEADERS = """
            #define _GNU_SOURCE
            #include <bpf/libbpf.h>
            #include <bpf/bpf.h>
            #include <fcntl.h>
            #include <sched.h>
            #include <stdio.h>
            #include <stdarg.h>
            #include <time.h>
            #include <unistd.h>
            #include <sys/ioctl.h>
            #include <sys/mount.h>
            #include <sys/socket.h>
            """;
    /** A function's own node is followed by its type; {@code qualType} of the declaration is {@code "int (int, const void *)"}. */
    private static final Pattern NAME = Pattern.compile("^ {6}\"name\": \"([a-z0-9_]+)\",?$");
    private static final Pattern KIND = Pattern.compile("^ {6}\"kind\": \"([A-Za-z]+)\",?$");
    private static final Pattern TYPE = Pattern.compile("^ {8}\"qualType\": \"(.*)\",?$");

    private static Map<String, String> headers() throws Exception {
        Process clang = new ProcessBuilder("clang", "-Xclang", "-ast-dump=json", "-fsyntax-only", "-x", "c", "-")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Thread.startVirtualThread(() -> {
            try (var in = clang.outputWriter()) {
                in.write(HEADERS);
            } catch (java.io.IOException ended) {
                clang.destroy();
            }
        });
        Map<String, String> types = new HashMap<>();
        String kind = "";
        String name = "";
        try (BufferedReader json = clang.inputReader()) {
            for (String line = json.readLine(); line != null; line = json.readLine()) {
                Matcher found = KIND.matcher(line);
                if (found.matches()) {
                    kind = found.group(1);
                    name = "";
                } else if ((found = NAME.matcher(line)).matches()) {
                    name = found.group(1);
                } else if ((found = TYPE.matcher(line)).matches() && kind.equals("FunctionDecl") && !name.isEmpty()) {
                    types.putIfAbsent(name, found.group(1));
                }
            }
        }
        assertThat(clang.waitFor()).as("clang on the headers of libbpf-dev").isZero();
        return types;
    }

    @TestFactory List<DynamicTest> everyBindingHasTheSignatureOfItsHeader() throws Exception {
        Map<String, String> headers = headers();
        Map<String, FunctionDescriptor> ours = new HashMap<>(Libbpf.LIB.signatures());
        ours.putAll(Libc.LIB.signatures());
        assertThat(ours).hasSizeGreaterThan(30);
        List<DynamicTest> tests = new ArrayList<>();
        ours.forEach((name, descriptor) -> tests.add(DynamicTest.dynamicTest(name, () -> {
            assertThat(headers).containsKey(name);
            check(headers.get(name), descriptor);
        })));
        return tests;
    }

    private static void check(String type, FunctionDescriptor ours) {
        int open = parameters(type);
        String result = type.substring(0, open).strip();
        assertThat(shape(result)).as("result of " + type).isEqualTo(ours.returnLayout().map(SignatureTest::shape).orElse("void"));
        List<String> parameters = split(type.substring(open + 1, type.length() - 1));
        boolean variadic = parameters.removeIf("..."::equals);
        parameters.removeIf("void"::equals);
        List<MemoryLayout> arguments = ours.argumentLayouts();
        if (variadic) assertThat(arguments.size()).as(type).isGreaterThanOrEqualTo(parameters.size());
        else assertThat(arguments).as(type).hasSize(parameters.size());
        for (int i = 0; i < parameters.size(); i++) assertThat(shape(arguments.get(i))).as(parameters.get(i) + " in " + type).isEqualTo(shape(parameters.get(i)));
    }

    /** Where the outermost parameter list opens. */
    private static int parameters(String type) {
        int depth = 0;
        for (int i = type.length() - 1; i >= 0; i--) {
            if (type.charAt(i) == ')') depth++;
            if (type.charAt(i) == '(' && --depth == 0) return i;
        }
        throw new IllegalArgumentException(type);
    }

    private static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        StringBuilder part = new StringBuilder();
        for (char c : list.toCharArray()) {
            if (c == ',' && depth == 0) {
                parts.add(part.toString().strip());
                part.setLength(0);
                continue;
            }
            if (c == '(') depth++;
            if (c == ')') depth--;
            part.append(c);
        }
        if (!part.isEmpty()) parts.add(part.toString().strip());
        return parts;
    }

    private static String shape(String c) {
        String type = c.replace("const ", "").replace("restrict", "").strip();
        if (type.endsWith("*") || type.contains("(*") || type.endsWith("[]") || type.endsWith("_fn") || type.contains("_fn_t")
                || type.contains("va_list") || type.contains("__gnuc_va_list") || type.contains("SOCKADDR_ARG") || type.endsWith("]")) return "pointer";
        return switch (type) {
            case "void" -> "void";
            case "int", "__u32", "unsigned int", "enum bpf_attach_type", "socklen_t", "clockid_t" -> "4 bytes";
            case "size_t", "__u64", "unsigned long", "long", "ssize_t" -> "8 bytes";
            default -> type;
        };
    }

    private static String shape(MemoryLayout ours) {
        return ours.equals(ValueLayout.ADDRESS) ? "pointer" : ours.byteSize() + " bytes";
    }
}
