package ${package};

import heddle.api.source.RouteSource;
import heddle.testkit.RouteSourceContract;
import org.junit.jupiter.api.BeforeEach;

class OneServiceTest extends RouteSourceContract {
    private final OneService source = new OneService();

    @BeforeEach void fill() {
        source.put("first", route("first", "/first"));
        setSecondPath("/second");
    }

    @Override protected RouteSource source() {
        return source;
    }

    @Override protected void setSecondPath(String path) {
        source.put("second", route("second", path));
    }

    @Override protected void removeSecond() {
        source.remove("second");
    }
}
