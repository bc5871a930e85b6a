package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

class OwnClassesTest {
    private final List<String> loaded = new ArrayList<>();
    private final ClassLoader loader = new ClassLoader(getClass().getClassLoader()) {
        @Override public Class<?> loadClass(String name) throws ClassNotFoundException {
            loaded.add(name);
            return super.loadClass(name);
        }
    };

    @Test
    void aSuccessorLoadsItsClassesBeforeItServes() {
        OwnClasses.loadForTakeover(bundle(2, "heddle/forward/internal/Framing.class", "heddle/forward/internal/Gone.class", "heddle/forward/internal/Tries.class"));
        assertThat(loaded).contains("heddle.forward.internal.Framing", "heddle.forward.internal.Tries");
    }

    @Test
    void atTheDaemonsStartNothingIsLoadedBeforehand() {
        OwnClasses.loadForTakeover(bundle(1, "heddle/forward/internal/Framing.class"));
        assertThat(loaded).isEmpty();
    }

    private BundleContext bundle(int forwarders, String... classes) {
        BundleWiring wiring = stub(BundleWiring.class, name -> name.equals("listResources") ? Arrays.asList(classes) : loader);
        Bundle bundle = stub(Bundle.class, name -> wiring);
        return stub(BundleContext.class, name -> name.equals("getBundle") ? bundle : Collections.nCopies(forwarders, "a reference"));
    }

    private static <T> T stub(Class<T> type, java.util.function.Function<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answers.apply(method.getName())));
    }
}
