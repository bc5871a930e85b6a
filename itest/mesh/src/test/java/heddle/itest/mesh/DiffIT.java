package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code heddle diff} and {@code heddle explain --recent} against a daemon that real requests have passed through. */
class DiffIT {
    private static final String CART = """
            - matches: [{path: {value: /cart}}]
              backendRefs: [{name: one, port: 8000}]
            - matches: [{path: {value: /help}}]
              backendRefs: [{name: one, port: 8000}]
            """;
    private static Field field;

    @BeforeAll
    static void start() throws InterruptedException {
        field = Field.onBind();
        field.backend("one", 101, "8080");
        field.manifest("services.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.service("shop", "one", 11, "8000:8080") + Yaml.service("shop", "front", 21, "8000:8080")
                + Yaml.service("shop", "quiet", 22, "8000:8080"));
        field.manifest("routes.yaml", Yaml.route("shop", "cart", "front", CART));
        field.start();
        for (String path : new String[] {"/cart/1", "/help", "/nowhere?x=1", "/cart/2?status=503"}) {
            Curl.get("http://" + field.host(21) + ":8000" + path);
            Thread.sleep(60);                                         // at most one head is kept in 50 ms
        }
    }

    @AfterAll
    static void end() {
        field.close();
    }

    private static Path proposed(String rules) throws IOException {
        Path folder = Files.createTempDirectory(field.folder(), "proposed");
        for (Path file : Files.list(field.manifests()).toList()) Files.copy(file, folder.resolve(file.getFileName()));
        Files.writeString(folder.resolve("routes.yaml"), Yaml.route("shop", "cart", "front", rules));
        return folder;
    }

    @Test
    void theSameManifestsChangeNothing() throws IOException {
        Command.Result result = field.heddle("diff", "--manifests", proposed(CART).toString());
        assertThat(result.status()).as(result.toString()).isZero();
        assertThat(result.out()).contains("4 recorded requests replayed, none changes");
    }

    @Test
    void requestsThatWouldGoElsewhereArePrinted() throws IOException {
        long before = published();
        Command.Result result = field.heddle("diff", "--manifests", proposed(CART.replace("/cart", "/carts")).toString());
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.out()).contains("4 recorded requests replayed, 2 change").contains("Service shop/front port 8000, 2 requests: rule, status, backends")
                .contains("+ 404 no-route").contains("HTTPRoute shop/cart");
        assertThat(published()).isEqualTo(before);
        assertThat(Curl.get("http://" + field.host(21) + ":8000/cart/1").status()).isEqualTo(200);
    }

    @Test
    void objectsCanBeLaidOverWhatIsLive() throws IOException {
        Path file = Files.writeString(Files.createTempFile(field.folder(), "over", ".yaml"), Yaml.route("shop", "cart", "front", CART.replace("/help", "/hints")));
        Command.Result result = field.heddle("diff", "--over", "-o", "json", "--manifests", file.toString());
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.out()).contains("\"changed\": 1").contains("/help");
    }

    @Test
    void manifestsWithProblemsAreStatus2() throws IOException {
        Command.Result result = field.heddle("diff", "--manifests", proposed(CART.replace("value: /cart", "value: cart")).toString());
        assertThat(result.status()).as(result.toString()).isEqualTo(2);
        assertThat(result.out()).contains("problem: ").contains("path.value");
        assertThat(field.heddle("diff", "--manifests", field.folder() + "/absent").status()).isEqualTo(2);
        assertThat(field.heddle("diff").status()).isEqualTo(2);
    }

    @Test
    void recentFailuresAreExplained() {
        String text = field.heddle("explain", "--recent", "shop/front").out();
        assertThat(text).containsPattern("unknown to shop/front:8000: got 404 no-route\nGET /nowhere\\?x=1 now → 404 no-route")
                .contains("path /nowhere is not under /cart").contains("got 503 backend from HTTPRoute shop/cart rule 0");
        assertThat(field.heddle("explain", "--recent", "-o", "json").out()).contains("\"reason\": \"no-route\"").contains("\"rule\": \"A12\"");
        assertThat(field.heddle("explain", "--recent", "shop/quiet").out()).isEqualTo("no request has missed or failed lately at shop/quiet\n");
        assertThat(field.heddle("explain", "--recent", "shop/nobody").status()).isEqualTo(1);
    }

    private static long published() {
        return field.log().lines().filter(line -> line.contains("snapshot published")).count();
    }
}
