package heddle.source.file.internal;

import static heddle.testkit.RouteSourceContract.route;
import static heddle.testkit.SourceListener.has;
import static heddle.testkit.SourceListener.one;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Service;
import heddle.api.source.SourceState;
import heddle.gateway.ManifestDecoder;
import heddle.testkit.SourceListener;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files, real inotify: what people and tools do to manifest folders. */
class LiveFilesTest {
    @TempDir Path temp;
    private final SourceListener listener = new SourceListener();
    private ManifestSource source;

    @AfterEach void stop() {
        if (source != null) {
            source.close();
        }
    }

    /** A writer may leave a file torn for longer than a busy machine keeps these tests from going on. */
    private void watch(Path... roots) {
        AddressMemory memory = new AddressMemory(Optional.empty());
        source = new ManifestSource(List.of(roots), new ManifestDecoder(),
                new ClusterAddresses(AddressRange.parse("127.96.0.0/16"), Optional.empty(), memory), memory, 20_000);
        source.subscribe(listener);
        source.start();
    }

    private static String service(String name, int port) {
        return "---\n{apiVersion: v1, kind: Service, metadata: {name: " + name + ", namespace: shop}, spec: {ports: [{port: " + port + "}]}}\n";
    }

    private static String path(SourceState state, String route) {
        return one(state, HttpRoute.class, route).rules().getFirst().matches().getFirst().path().value();
    }

    @Test void anEditIsTakenOverAndUnchangedObjectsStayTheSameInstances() throws Exception {
        Path file = temp.resolve("shop.yaml");
        Files.writeString(file, service("cart", 80) + route("a", "/a") + route("b", "/b"));
        watch(temp);
        SourceState before = listener.await(state -> has(state, "HTTPRoute", "b"));
        Files.writeString(file, "# a line more\n" + service("cart", 80) + route("a", "/a") + route("b", "/b2"));
        SourceState after = listener.await(state -> path(state, "b").equals("/b2"));
        assertThat(one(after, HttpRoute.class, "a")).isSameAs(one(before, HttpRoute.class, "a"));
        assertThat(one(after, Service.class, "cart")).isSameAs(one(before, Service.class, "cart"));
        assertThat(one(after, heddle.api.model.NamespaceObject.class, "shop")).isSameAs(one(before, heddle.api.model.NamespaceObject.class, "shop"));
    }

    @Test void aFileIsReplacedByRename() throws Exception {
        Path file = temp.resolve("shop.yaml");
        Files.writeString(file, route("a", "/a"));
        watch(temp);
        listener.await(state -> has(state, "HTTPRoute", "a"));
        Path next = temp.resolve(".shop.yaml.tmp");
        Files.writeString(next, route("a", "/z"));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        listener.await(state -> path(state, "a").equals("/z"));
    }

    @Test void aNewFileAddsAndARemovedOneRemovesItsObjects() throws Exception {
        watch(temp);
        listener.await(state -> state.revision() == 1);
        Files.writeString(temp.resolve("a.yaml"), route("a", "/a"));
        Files.writeString(temp.resolve("notes.txt"), route("x", "/x"));
        Files.writeString(temp.resolve(".hidden.yaml"), route("y", "/y"));
        Files.writeString(temp.resolve("b.json"), "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"shop\"}}\n");
        SourceState state = listener.await(s -> has(s, "HTTPRoute", "a") && has(s, "Namespace", "shop"));
        assertThat(state.all(HttpRoute.class)).hasSize(1);
        Files.delete(temp.resolve("a.yaml"));
        listener.await(s -> !has(s, "HTTPRoute", "a"));
    }

    @Test void aBrokenFileKeepsTheLastGoodStateAndRecovers() throws Exception {
        Path file = temp.resolve("shop.yaml");
        Files.writeString(file, route("a", "/a") + route("b", "/b"));
        watch(temp);
        listener.await(state -> has(state, "HTTPRoute", "b"));
        Files.writeString(file, route("a", "/a") + "---\nkind: [HTTPRoute\n");
        SourceState broken = listener.await(state -> !state.problems().isEmpty());
        assertThat(path(broken, "b")).isEqualTo("/b");
        assertThat(broken.problems()).singleElement().satisfies(problem -> assertThat(problem.where()).startsWith(file + ":1"));
        Files.writeString(file, route("a", "/a") + route("b", "no-slash"));
        SourceState invalid = listener.await(state -> state.problems().stream().anyMatch(problem -> problem.field().equals("spec.rules[0].matches[0].path.value")));
        assertThat(path(invalid, "b")).isEqualTo("/b");
        assertThat(invalid.problems()).extracting(Object::toString).containsExactly(
                file + ":17: HTTPRoute shop/b: spec.rules[0].matches[0].path.value: \"no-slash\" (expected: starts with '/')");
        Files.writeString(file, route("a", "/a") + route("b", "/ok"));
        SourceState good = listener.await(state -> path(state, "b").equals("/ok"));
        assertThat(good.problems()).isEmpty();
    }

    @Test void aConfigMapsLinkSwapIsOneChange() throws Exception {
        Path first = Files.createDirectory(temp.resolve("..2026_01"));
        Files.writeString(first.resolve("shop.yaml"), route("a", "/a"));
        Files.createSymbolicLink(temp.resolve("..data"), Path.of("..2026_01"));
        Files.createSymbolicLink(temp.resolve("shop.yaml"), Path.of("..data/shop.yaml"));
        watch(temp);
        listener.await(state -> has(state, "HTTPRoute", "a"));
        Path second = Files.createDirectory(temp.resolve("..2026_02"));
        Files.writeString(second.resolve("shop.yaml"), route("a", "/b"));
        Files.createSymbolicLink(temp.resolve("..data_tmp"), Path.of("..2026_02"));
        Files.move(temp.resolve("..data_tmp"), temp.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(first.resolve("shop.yaml"));
        Files.delete(first);
        SourceState state = listener.await(s -> has(s, "HTTPRoute", "a") && path(s, "a").equals("/b"));
        assertThat(state.problems()).isEmpty();
    }

    @Test void aLinkToAFileElsewhereIsFollowed() throws Exception {
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Path folder = Files.createDirectory(temp.resolve("manifests"));
        Files.writeString(elsewhere.resolve("x"), route("a", "/a"));
        Files.createSymbolicLink(folder.resolve("shop.yaml"), elsewhere.resolve("x"));
        watch(folder);
        listener.await(state -> has(state, "HTTPRoute", "a"));
        Files.writeString(elsewhere.resolve("x"), route("a", "/b"));
        listener.await(state -> path(state, "a").equals("/b"));
    }

    @Test void aFolderThatAppearsLaterIsRead() throws Exception {
        Path folder = temp.resolve("later/manifests");
        watch(folder);
        SourceState empty = listener.await(state -> !state.problems().isEmpty());
        assertThat(empty.problems().getFirst().toString()).contains("is not there yet");
        Files.createDirectory(temp.resolve("later"));
        Files.createDirectory(folder);
        Files.writeString(folder.resolve("a.yaml"), route("a", "/a"));
        SourceState state = listener.await(s -> has(s, "HTTPRoute", "a"));
        assertThat(state.problems()).isEmpty();
        Files.move(folder, temp.resolve("later/old"));
        listener.await(s -> !has(s, "HTTPRoute", "a"));
    }

    @Test void aSingleFileIsWatchedLikeAFolder() throws Exception {
        Path file = temp.resolve("one.yaml");
        Files.writeString(file, route("a", "/a"));
        Files.writeString(temp.resolve("other.yaml"), route("other", "/o"));
        watch(file);
        SourceState state = listener.await(s -> has(s, "HTTPRoute", "a"));
        assertThat(state.all(HttpRoute.class)).hasSize(1);
        Files.writeString(file, route("a", "/b"));
        listener.await(s -> path(s, "a").equals("/b"));
    }

    @Test void ofOneObjectInTwoFilesTheFirstFileCountsAndTheOtherIsReported() throws Exception {
        Files.writeString(temp.resolve("a.yaml"), route("r", "/first"));
        Files.writeString(temp.resolve("b.yaml"), route("r", "/second"));
        watch(temp);
        SourceState state = listener.await(s -> has(s, "HTTPRoute", "r"));
        assertThat(path(state, "r")).isEqualTo("/first");
        assertThat(state.problems()).extracting(Object::toString).containsExactly(temp.resolve("b.yaml") + ":2: HTTPRoute shop/r: is written in "
                + temp.resolve("a.yaml") + ":2 too; that one is in force");
        Files.delete(temp.resolve("a.yaml"));
        assertThat(listener.await(s -> path(s, "r").equals("/second")).problems()).isEmpty();
    }

    /** Truncate, then write in pieces: no state may ever lack the route that is there before and after. */
    @Test void aFileWrittenInPiecesNeverLosesItsObjects() throws Exception {
        Path file = temp.resolve("shop.yaml");
        Files.writeString(file, route("a", "/a") + route("b", "/b"));
        watch(temp);
        listener.await(state -> has(state, "HTTPRoute", "b"));
        for (int round = 0; round < 10; round++) {
            byte[] text = (route("a", "/a" + round) + route("b", "/b" + round)).getBytes(StandardCharsets.UTF_8);
            writeInPieces(file, text);
        }
        SourceState end = listener.await(state -> {
            assertThat(SourceListener.keys(state)).contains(new ObjectKey("HTTPRoute", "shop", "a"), new ObjectKey("HTTPRoute", "shop", "b"));
            return path(state, "b").equals("/b9");
        });
        assertThat(end.problems()).isEmpty();
    }

    private static void writeInPieces(Path file, byte[] text) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(0);
            for (int at = 0, end; at < text.length; at = end) {
                end = Math.min(text.length, at + 97);
                if (end < text.length && text[end - 1] == '\n') end++;       // a whole line looks finished sooner
                out.write(Arrays.copyOfRange(text, at, end));
            }
        }
    }

    @Test void otherFoldersAreReadWithoutARestart() throws Exception {
        Path first = Files.createDirectory(temp.resolve("1"));
        Path second = Files.createDirectory(temp.resolve("2"));
        Files.writeString(first.resolve("a.yaml"), route("a", "/a"));
        Files.writeString(second.resolve("b.yaml"), route("b", "/b"));
        watch(first);
        MeshObject a = one(listener.await(state -> has(state, "HTTPRoute", "a")), HttpRoute.class, "a");
        source.folders(List.of(first, second));
        SourceState both = listener.await(state -> has(state, "HTTPRoute", "b"));
        assertThat(one(both, HttpRoute.class, "a")).isSameAs(a);
        Files.writeString(second.resolve("b.yaml"), route("b", "/b2"));
        listener.await(state -> path(state, "b").equals("/b2"));
    }

    @Test void aFolderThatTakesAnothersPlaceIsReadAndWatched() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("manifests"));
        Files.writeString(folder.resolve("a.yaml"), route("a", "/a"));
        watch(folder);
        listener.await(state -> has(state, "HTTPRoute", "a"));
        Path other = Files.createDirectory(temp.resolve("other"));
        Files.writeString(other.resolve("b.yaml"), route("b", "/b"));
        Files.move(folder, temp.resolve("old"));
        Files.move(other, folder);
        listener.await(state -> has(state, "HTTPRoute", "b") && !has(state, "HTTPRoute", "a"));
        Files.writeString(folder.resolve("b.yaml"), route("b", "/b2"));
        listener.await(state -> path(state, "b").equals("/b2"));
    }

    @Test void aVendorsDecoderThatComesAndGoesDecodesItsKindAnew() throws Exception {
        Files.writeString(temp.resolve("a.yaml"), route("a", "/a") + "---\n{apiVersion: acme.example/v1, kind: Limit, metadata: {name: l}, spec: {count: -1}}\n");
        watch(temp);
        SourceState before = listener.await(state -> has(state, "Limit", "l"));
        source.decoder(new ManifestDecoder(List.of(new heddle.gateway.ExtensionDecoder() {
            @Override public String type() {
                return "acme.example/Limit";
            }

            @Override public List<Fault> check(heddle.api.model.CustomObject object) {
                return List.of(new Fault("spec.count", "-1 (expected: at least 0)"));
            }
        })));
        SourceState checked = listener.await(state -> !state.problems().isEmpty());
        assertThat(checked.problems().getFirst().toString()).endsWith("a.yaml:11: Limit default/l: spec.count: -1 (expected: at least 0)");
        assertThat(one(checked, HttpRoute.class, "a")).isSameAs(one(before, HttpRoute.class, "a"));
        source.decoder(new ManifestDecoder());
        listener.await(state -> state.problems().isEmpty());
    }
}
