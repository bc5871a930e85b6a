package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import heddle.api.isolation.Leash;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.DiscontinuedInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways to go on without end, by what javac makes today and by class files of any age: woven, each of them ends when it is to. */
@Timeout(120)
class EndlessCodeTest {
    private static IntUnaryOperator woven(Spin spin) throws Exception {
        return (IntUnaryOperator) new Woven(Spin.class.getName()).loadClass(Spin.class.getName()).getEnumConstants()[spin.ordinal()];
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "SUMS")
    void whateverGoesOnWithoutEndEndsWhenItsThreadIsPulled(Spin spin) throws Exception {
        Throwable end = Woven.ended(woven(spin), 1, Leash::pull);
        assertThat(end instanceof ExceptionInInitializerError ? end.getCause() : end).isInstanceOf(Leash.AbortedCall.class);
    }

    /** Threads that a plugin has started, wherever: nothing tells whose they are. */
    @Test
    void whateverRunsEndsWhenItsBundleHasStoppedAndRunsAgainWhenThatHasStarted() throws Exception {
        IntUnaryOperator code = woven(Spin.SUMS);
        Leash leash = Leash.of(code.getClass().getClassLoader());
        assertThat(Woven.ended(code, -1, thread -> leash.cut(true))).isInstanceOf(Leash.AbortedCall.class);
        assertThatThrownBy(() -> code.applyAsInt(20)).isInstanceOf(Leash.AbortedCall.class);
        leash.cut(false);
        assertThat(code.applyAsInt(20)).isEqualTo(210);
        assertThat(woven(Spin.SUMS).applyAsInt(20)).as("another bundle").isEqualTo(210);
    }

    /** {@code static int applyAsInt(int)} of a class that javac does not make any more. */
    private static IntUnaryOperator made(int version, Consumer<CodeBuilder> body) throws Exception {
        byte[] bytes = ClassFile.of().build(ClassDesc.of("Made"), made -> made.withVersion(version, 0).withMethodBody("run", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int),
                ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC, body::accept));
        var run = new Woven("Made").define("Made", bytes).getMethod("run", int.class);
        return argument -> {
            try {
                return (int) run.invoke(null, argument);
            } catch (InvocationTargetException thrown) {
                throw (Error) thrown.getCause();
            } catch (IllegalAccessException impossible) {
                throw new AssertionError(impossible);
            }
        };
    }

    private static void loop(CodeBuilder code) {
        Label top = code.newBoundLabel();
        code.iload(0).ifgt(top).iconst_0().ireturn();
    }

    @ParameterizedTest
    @ValueSource(ints = {48, 49, 50, 52, 55, 65})
    void classFilesOfAllAgesAreWoven(int version) throws Exception {
        assertThat(Woven.ended(made(version, EndlessCodeTest::loop), 1, Leash::pull)).isInstanceOf(Leash.AbortedCall.class);
    }

    @Test
    void subroutinesOfOldClassFilesAreWoven() throws Exception {
        IntUnaryOperator code = made(48, with -> {
            Label top = with.newBoundLabel();
            Label subroutine = with.newLabel();
            with.with(DiscontinuedInstruction.JsrInstruction.of(subroutine)).iload(0).ifgt(top).iconst_0().ireturn();
            with.labelBinding(subroutine).astore(1).with(DiscontinuedInstruction.RetInstruction.of(1));
        });
        assertThat(code.applyAsInt(-1)).isZero();
        assertThat(Woven.ended(code, 1, Leash::pull)).isInstanceOf(Leash.AbortedCall.class);
    }

    /** What is woven in makes methods longer: past where a short jump reaches, and tables of constants past what a method may have. */
    @Test
    void longMethodsAreWoven() throws Exception {
        IntUnaryOperator far = made(65, code -> {
            Label top = code.newBoundLabel();
            for (int i = 0; i < 5400; i++) code.iload(0).newarray(TypeKind.INT).pop();
            code.iload(0).ifgt(top).iconst_0().ireturn();
        });
        assertThat(far.applyAsInt(0)).isZero();
        assertThat(Woven.ended(far, 1, Leash::pull)).isInstanceOf(Leash.AbortedCall.class);
        IntUnaryOperator table = made(65, code -> {
            for (int i = 0; i < 15_000; i++) code.iconst_1().newarray(TypeKind.INT).pop();
            code.iconst_0().ireturn();
        });
        assertThat(table.applyAsInt(1)).isZero();
    }
}
