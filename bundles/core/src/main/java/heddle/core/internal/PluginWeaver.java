package heddle.core.internal;

import heddle.api.isolation.Leash;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.weaving.WeavingException;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Rewrites plugins' classes as they are loaded: what ends or leaves the daemon throws, each loop looks on its way back whether its
 *  call is to be aborted, and an array larger than the heap is refused before the heap is searched for room. Not covered: what is called by
 *  reflection or from a library's own loops in the JDK (docs/PLUGINS.md). */
@Component(immediate = true, service = {})
public final class PluginWeaver implements WeavingHook {
    private static final ClassDesc LEASH = ClassDesc.of(Leash.class.getName());
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc TEXT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);
    private static final MethodTypeDesc NUMBERS = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int);
    /** A reference takes so much in a heap of up to 32 GB. */
    private static final int REFERENCE_BYTES = 4;
    private static final Map<String, Set<String>> REFUSED = Map.of("java/lang/System", Set.of("exit"), "java/lang/Runtime", Set.of("exit", "halt", "exec"),
            "java/lang/ProcessBuilder", Set.of("start", "startPipeline"));

    private final ServiceRegistration<WeavingHook> registration;

    /** Registered here and not by Declarative Services: that would make it at the first class that any thread loads, and take its locks for it, while a thread
     *  that has one of them loads a class too and waits for the hook. */
    @Activate public PluginWeaver(BundleContext context) {
        registration = context.registerService(WeavingHook.class, this, null);
    }

    @Deactivate void deactivate() {
        registration.unregister();
    }

    @Override public void weave(WovenClass woven) {
        Bundle bundle = woven.getBundleWiring().getBundle();
        if (PluginGuards.Plugin.of(bundle).isEmpty()) return;
        ClassHierarchyResolver hierarchy = ClassHierarchyResolver.ofResourceParsing(type -> resource(woven.getBundleWiring().getClassLoader(), type)).orElse(ClassHierarchyResolver.defaultResolver())
                .orElse(absent -> ClassHierarchyResolver.ClassHierarchyInfo.ofClass(ConstantDescs.CD_Object));     // an optional import that nobody provides
        try {
            woven.setBytes(rewrite(woven.getBytes(), hierarchy));
        } catch (RuntimeException bad) {                             // anything but a WeavingException would end all weaving
            throw new WeavingException(woven.getClassName() + " of plugin " + bundle.getSymbolicName() + " cannot be woven: " + bad.getMessage(), bad);
        }
        List<String> imports = woven.getDynamicImports();
        String ours = Leash.class.getPackageName();
        if (!imports.contains(ours)) imports.add(ours);
    }

    private static @Nullable InputStream resource(ClassLoader loader, ClassDesc type) {
        String descriptor = type.descriptorString();
        return loader.getResourceAsStream(descriptor.substring(1, descriptor.length() - 1) + ".class");
    }

    static byte[] rewrite(byte[] original, ClassHierarchyResolver hierarchy) {
        ClassFile classes = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(hierarchy));
        return classes.transformClass(classes.parse(original), ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(Leashed::new)));
    }

    /** One method's code. */
    private static final class Leashed implements CodeTransform {
        private final Set<Label> passed = new HashSet<>();

        @Override public void accept(CodeBuilder builder, CodeElement element) {
            switch (element) {
                case LabelTarget target -> passed.add(target.label());
                case BranchInstruction branch -> checkIf(builder, passed.contains(branch.target()));
                case LookupSwitchInstruction jump -> checkIf(builder, Stream.concat(Stream.of(jump.defaultTarget()), jump.cases().stream().map(each -> each.target())).anyMatch(passed::contains));
                case TableSwitchInstruction jump -> checkIf(builder, Stream.concat(Stream.of(jump.defaultTarget()), jump.cases().stream().map(each -> each.target())).anyMatch(passed::contains));
                case InvokeInstruction call -> {
                    if (REFUSED.getOrDefault(call.owner().asInternalName(), Set.of()).contains(call.name().stringValue())) {
                        builder.loadConstant(call.owner().asInternalName().replace('/', '.') + "." + call.name().stringValue()).invokestatic(LEASH, "refuse", TEXT);
                    }
                }
                case NewPrimitiveArrayInstruction array -> room(builder, bytes(array.typeKind()));
                case NewReferenceArrayInstruction array -> room(builder, REFERENCE_BYTES);
                default -> { }
            }
            builder.with(element);
        }

        /** The length is on the stack. */
        private static void room(CodeBuilder builder, int bytes) {
            builder.dup().loadConstant(bytes).invokestatic(LEASH, "room", NUMBERS);
        }

        private static int bytes(TypeKind element) {
            return switch (element) {
                case LONG, DOUBLE -> 8;
                case INT, FLOAT -> 4;
                case SHORT, CHAR -> 2;
                default -> 1;
            };
        }

        private static void checkIf(CodeBuilder builder, boolean back) {
            if (back) builder.invokestatic(LEASH, "check", NOTHING);
        }
    }
}
