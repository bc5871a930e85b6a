package heddle.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.Drains;
import heddle.api.admin.MeshInspector;
import heddle.api.admin.MeshStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;

/** {@code mesh:swap} loses nothing: not by the wrong bundle, and not by two of them at once. Bundles and services are stubs. */
@Timeout(60)
class SwapCommandTest {
    private static final String MATCHER = "heddle.api.match.RouteCompiler";
    private static final String FILTER = "heddle.api.policy.FilterFactory";
    private final List<Installed> installed = new ArrayList<>();
    private final List<String> order = new CopyOnWriteArrayList<>();
    private final Mesh mesh = new Mesh();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    SwapCommandTest() {
        MeshStatus status = new MeshStatus(true, List.of(), 7, 0, 0, 0, 0, "none", List.of(), Optional.empty(), Optional.empty());
        mesh.inspector.set(stub(MeshInspector.class, (method, arguments) -> switch (method) {
            case "status" -> status;
            case "drains" -> new Drains(0, 0, 0);
            default -> CompletableFuture.completedFuture(null);
        }));
    }

    private final class Installed {
        final String name;
        final String[] offers;
        final Bundle bundle;
        volatile boolean active;
        volatile CountDownLatch stopping = new CountDownLatch(0);

        Installed(String name, boolean active, String... offers) {
            this.name = name;
            this.active = active;
            this.offers = offers;
            installed.add(this);
            long id = installed.size();
            bundle = stub(Bundle.class, (method, arguments) -> switch (method) {
                case "getBundleId" -> id;
                case "getSymbolicName" -> name;
                case "getVersion" -> Version.emptyVersion;
                case "getState" -> this.active ? Bundle.ACTIVE : Bundle.RESOLVED;
                case "getRegisteredServices" -> this.active ? new ServiceReference<?>[] {stub(ServiceReference.class, (property, wanted) -> offers)} : null;
                case "start" -> turn("start", true);
                case "stop" -> turn("stop", false);
                default -> throw new AssertionError(method);
            });
        }

        private Object turn(String what, boolean on) {
            order.add(what + " " + name);
            try {
                if (!on) stopping.await();
            } catch (InterruptedException ends) {
                throw new IllegalStateException(ends);
            }
            active = on;
            return null;
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T stub(Class<?> type, BiFunction<String, Object[], Object> answer) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> answer.apply(method.getName(), arguments);
        });
    }

    private void swap(String... words) throws InterruptedException {
        BundleContext context = stub(BundleContext.class, (method, arguments) -> {
            if (method.equals("getBundles")) return installed.stream().map(each -> each.bundle).toArray(Bundle[]::new);
            int at = (int) (long) arguments[0] - 1;
            return at < installed.size() ? installed.get(at).bundle : null;
        });
        new SwapCommand(context, mesh).run(new Call("swap", Arrays.asList(words), new PrintStream(printed)));
    }

    @Test void theNewOneIsStartedBeforeTheOldOneIsStoppedAndTheReportSaysWhatWasDone() throws InterruptedException {
        new Installed("old", true, MATCHER);
        new Installed("new", false, MATCHER, FILTER);
        swap("old", "new");
        assertThat(order).containsExactly("start new", "stop old");
        assertThat(printed.toString()).contains("swapped old 0.0.0 (id 1) for new 0.0.0 (id 2)").contains("generation 7 -> 7, 0 leases and 0 connections drained, 0 requests failed, ");
    }

    @Test void aBundleThatDoesNotOfferTheSameIsStoppedAgainAndTheOldStays() {
        new Installed("old", true, MATCHER, "heddle.api.admin.MeshInspector");
        Installed wrong = new Installed("wrong", false, FILTER);
        Installed running = new Installed("running", true, FILTER);
        assertThatThrownBy(() -> swap("old", "wrong")).isInstanceOf(CommandFailure.class)
                .hasMessageStartingWith("wrong 0.0.0 (id 2) offers no RouteCompiler as old 0.0.0 (id 1) does, which stays, wrong 0.0.0 (id 2) is stopped again");
        assertThatThrownBy(() -> swap("old", "running")).isInstanceOf(CommandFailure.class).hasMessageContaining("offers no RouteCompiler").hasMessageNotContaining("stopped again");
        assertThat(order).containsExactly("start wrong", "stop wrong", "start running");
        assertThat(wrong.active).isFalse();
        assertThat(running.active).isTrue();
    }

    @Test void aBundleIsNotSwappedForItselfOrForNothing() {
        new Installed("old", true, MATCHER);
        assertThatThrownBy(() -> swap("old", "1")).hasMessageContaining("the same bundle");
        assertThatThrownBy(() -> swap("old", "9")).hasMessageContaining("no bundle 9");
        assertThatThrownBy(() -> swap("8", "old")).hasMessageContaining("no bundle 8");
        assertThat(order).isEmpty();
    }

    /** One after the other: each alone would stop what the other has started. */
    @Test void ofTwoOppositeSwapsAtOnceOneIsInForceAfterwards() throws Exception {
        Installed one = new Installed("one", true, MATCHER);
        Installed two = new Installed("two", false, MATCHER);
        one.stopping = new CountDownLatch(1);
        Thread there = Thread.ofPlatform().start(() -> unchecked("one", "two"));
        while (!order.contains("stop one")) Thread.sleep(1);
        Thread back = Thread.ofPlatform().start(() -> unchecked("two", "one"));
        while (back.getState() != Thread.State.TIMED_WAITING && back.isAlive()) Thread.sleep(1);
        one.stopping.countDown();
        there.join();
        back.join();
        assertThat(order).containsExactly("start two", "stop one", "start one", "stop two");
        assertThat(one.active).isTrue();
        assertThat(two.active).isFalse();
    }

    private void unchecked(String old, String next) {
        try {
            swap(old, next);
        } catch (InterruptedException ends) {
            throw new IllegalStateException(ends);
        }
    }
}
