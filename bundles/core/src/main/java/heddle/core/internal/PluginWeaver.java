package heddle.core.internal;

import heddle.api.isolation.Leash;
import java.io.InputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.hooks.weaving.WeavingException;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Rewrites plugins' classes as they are loaded: what ends or leaves the daemon throws, each loop on its way back and each method that calls others looks
 *  whether its call is to be aborted or its bundle has stopped, and an array larger than the heap is refused before the heap is searched for room. Not
 *  covered: what is called by reflection or from a library's own loops in the JDK (docs/PLUGINS.md). */
@Component(immediate = true, service = {})
public final class PluginWeaver implements WeavingHook, SynchronousBundleListener {
    private static final ClassDesc LEASH = ClassDesc.of(Leash.class.getName());
    /** Resolved once a class: the leash of its bundle. */
    private static final DynamicConstantDesc<?> OWN = DynamicConstantDesc.ofNamed(ConstantDescs.ofConstantBootstrap(LEASH, "of", LEASH), "leash", LEASH);
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc TEXT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);
    private static final MethodTypeDesc NUMBERS = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int);
    /** An array of so many elements is no question of room. */
    private static final int SMALL = 1 << 20;
    /** Made beforehand: when it is needed there is no room to make it. */
    private static final WeavingException NO_ROOM = new WeavingException("no room is left, on the stack or on the heap, to weave a class of a plugin");
    /** A reference takes so much in a heap of up to 32 GB. */
    private static final int REFERENCE_BYTES = 4;
    private static final Map<String, Set<String>> REFUSED = Map.of("java/lang/System", Set.of("exit"), "java/lang/Runtime", Set.of("exit", "halt", "exec"),
            "java/lang/ProcessBuilder", Set.of("start", "startPipeline"));

    private final BundleContext context;
    private final ServiceRegistration<WeavingHook> registration;

    /** Registered here and not by Declarative Services: that would make it at the first class that any thread loads, and take its locks for it, while a thread
     *  that has one of them loads a class too and waits for the hook. */
    @Activate public PluginWeaver(BundleContext context) {
        this.context = context;
        context.addBundleListener(this);
        registration = context.registerService(WeavingHook.class, this, null);
    }

    @Deactivate void deactivate() {
        registration.unregister();
        context.removeBundleListener(this);
    }

    /** When a plugin's bundle has stopped, what still runs of its classes ends, on whatever thread. Not where another bundle uses them too. */
    @Override public void bundleChanged(BundleEvent event) {
        boolean stopped = event.getType() == BundleEvent.STOPPED;
        if (!stopped && event.getType() != BundleEvent.STARTING || PluginGuards.Plugin.of(event.getBundle()).isEmpty()) return;
        BundleWiring wiring = event.getBundle().adapt(BundleWiring.class);
        if (wiring == null || wiring.getClassLoader() == null || stopped && !wiring.getProvidedWires(null).isEmpty()) return;
        Leash.of(wiring.getClassLoader()).cut(stopped);
    }

    /** Anything thrown but a WeavingException would end all weaving, also that of plugins that come later. */
    @Override public void weave(WovenClass woven) {
        try {
            weavePlugin(woven);
        } catch (WeavingException known) {
            throw known;
        } catch (VirtualMachineError full) {
            throw NO_ROOM;
        } catch (RuntimeException | Error bad) {
            throw new WeavingException(woven.getClassName() + " of plugin " + woven.getBundleWiring().getBundle().getSymbolicName() + " cannot be woven: " + bad.getMessage(), bad);
        }
    }

    private static void weavePlugin(WovenClass woven) {
        Bundle bundle = woven.getBundleWiring().getBundle();
        if (PluginGuards.Plugin.of(bundle).isEmpty()) return;
        ClassHierarchyResolver hierarchy = ClassHierarchyResolver.ofResourceParsing(type -> resource(woven.getBundleWiring().getClassLoader(), type)).orElse(ClassHierarchyResolver.defaultResolver())
                .orElse(absent -> ClassHierarchyResolver.ClassHierarchyInfo.ofClass(ConstantDescs.CD_Object));     // an optional import that nobody provides
        woven.setBytes(rewrite(woven.getBytes(), hierarchy));
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
        ClassModel plugin = classes.parse(original);
        Refusals refusals = new Refusals(plugin);
        boolean own = plugin.majorVersion() >= ClassFile.JAVA_11_VERSION;     // dynamic constants are that old
        MethodTransform methods = (builder, element) -> {
            if (!(element instanceof CodeModel code)) {
                builder.with(element);
                return;
            }
            boolean calls = code.elementStream().anyMatch(InvokeInstruction.class::isInstance);
            builder.transformCode(code, CodeTransform.ofStateful(() -> new Leashed(refusals, own, calls)));
        };
        return classes.transformClass(plugin, ClassTransform.transformingMethods(methods).andThen(ClassTransform.endHandler(refusals::add)));
    }

    /** Whether a plugin may not call it. */
    private static boolean refused(String owner, String method) {
        return REFUSED.getOrDefault(owner, Set.of()).contains(method);
    }

    private static String internalName(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1);
    }

    /** What a class's method references lead to instead of what is refused: they may be made, and throw when they are called. */
    private static final class Refusals {
        private final ClassModel plugin;
        private final Map<DirectMethodHandleDesc, DirectMethodHandleDesc> made = new LinkedHashMap<>();

        Refusals(ClassModel plugin) {
            this.plugin = plugin;
        }

        static boolean concern(ConstantDesc argument) {
            return argument instanceof DirectMethodHandleDesc handle && handle.owner().isClassOrInterface() && refused(internalName(handle.owner()), handle.methodName());
        }

        ConstantDesc instead(ConstantDesc argument) {
            if (!concern(argument)) return argument;
            boolean ofInterface = plugin.flags().has(AccessFlag.INTERFACE);
            return made.computeIfAbsent((DirectMethodHandleDesc) argument, handle -> MethodHandleDesc.ofMethod(ofInterface ? DirectMethodHandleDesc.Kind.INTERFACE_STATIC : DirectMethodHandleDesc.Kind.STATIC,
                    plugin.thisClass().asSymbol(), "heddle$refused" + made.size(), handle.invocationType()));
        }

        void add(ClassBuilder builder) {
            made.forEach((handle, instead) -> builder.withMethodBody(instead.methodName(), instead.invocationType(), ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC, code -> {
                refuse(code, internalName(handle.owner()), handle.methodName());
                if (instead.invocationType().returnType().equals(ConstantDescs.CD_void)) code.return_();
                else code.aconst_null().areturn();
            }));
        }
    }

    private static void refuse(CodeBuilder builder, String owner, String method) {
        builder.loadConstant(owner.replace('/', '.') + "." + method).invokestatic(LEASH, "refuse", TEXT);
    }

    /** One method's code. */
    private static final class Leashed implements CodeTransform {
        private final Refusals refusals;
        private final boolean own;
        private final boolean calls;
        private final Set<Label> passed = new HashSet<>();
        /** The length on the stack, when the instruction before is the constant; else -1. */
        private int length = -1;

        /** @param own the class can have a leash of its own
         *  @param calls a method that calls none does not recurse */
        Leashed(Refusals refusals, boolean own, boolean calls) {
            this.refusals = refusals;
            this.own = own;
            this.calls = calls;
        }

        @Override public void atStart(CodeBuilder builder) {
            checkIf(builder, calls);
        }

        @Override public void accept(CodeBuilder builder, CodeElement element) {
            switch (element) {
                case LabelTarget target -> passed.add(target.label());
                case BranchInstruction branch -> checkIf(builder, passed.contains(branch.target()));
                case LookupSwitchInstruction jump -> checkIf(builder, Stream.concat(Stream.of(jump.defaultTarget()), jump.cases().stream().map(each -> each.target())).anyMatch(passed::contains));
                case TableSwitchInstruction jump -> checkIf(builder, Stream.concat(Stream.of(jump.defaultTarget()), jump.cases().stream().map(each -> each.target())).anyMatch(passed::contains));
                case InvokeInstruction call when refused(call.owner().asInternalName(), call.name().stringValue()) -> refuse(builder, call.owner().asInternalName(), call.name().stringValue());
                case InvokeDynamicInstruction made when made.bootstrapArgs().stream().anyMatch(Refusals::concern) -> {
                    builder.invokedynamic(DynamicCallSiteDesc.of(made.bootstrapMethod(), made.name().stringValue(), made.typeSymbol(),
                            made.bootstrapArgs().stream().map(refusals::instead).toArray(ConstantDesc[]::new)));
                    return;
                }
                case NewPrimitiveArrayInstruction array -> room(builder, bytes(array.typeKind()));
                case NewReferenceArrayInstruction array -> room(builder, REFERENCE_BYTES);
                default -> { }
            }
            if (element instanceof ConstantInstruction constant) length = constant.constantValue() instanceof Integer number ? number : -1;
            else if (element instanceof Instruction || element instanceof LabelTarget) length = -1;
            builder.with(element);
        }

        /** The length is on the stack. */
        private void room(CodeBuilder builder, int bytes) {
            if (length < 0 || length > SMALL) builder.dup().loadConstant(bytes).invokestatic(LEASH, "room", NUMBERS);
        }

        private static int bytes(TypeKind element) {
            return switch (element) {
                case LONG, DOUBLE -> 8;
                case INT, FLOAT -> 4;
                case SHORT, CHAR -> 2;
                default -> 1;
            };
        }

        private void checkIf(CodeBuilder builder, boolean needed) {
            if (!needed) return;
            if (own) builder.loadConstant(OWN).invokevirtual(LEASH, "look", NOTHING);
            else builder.invokestatic(LEASH, "check", NOTHING);
        }
    }
}
