package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;

/** A real framework, real jars, the JDK's own keytool and JarSigner. */
class PluginFolderTest {
    private static final String PASSWORD = "secret";
    @TempDir Path temp;
    private Path folder;
    private Felix felix;
    private PluginFolder plugins;

    @BeforeEach void start() throws Exception {
        folder = Files.createDirectories(temp.resolve("plugins"));
        felix = new Felix(temp.resolve("cache"));
        felix.startFramework();
    }

    @AfterEach void stop() throws Exception {
        close();
        felix.stop();
    }

    /** Also what the folder's own thread is at: it still writes copies and runs bundles when its work shows. */
    private void close() {
        if (plugins == null) return;
        plugins.close();
        synchronized (plugins) {                                // nothing follows
        }
    }

    private void watch(PluginTrust trust) throws IOException {
        watch(trust, () -> {});
    }

    private void watch(PluginTrust trust, Runnable takenUp) throws IOException {
        plugins = new PluginFolder(folder, new PluginStore(temp.resolve("copies")), trust, new PluginBundles(felix.context(), 1), takenUp);
    }

    private Path jar(Path file, String name, String version, String... headers) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        if (!name.isEmpty()) main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", version);
        for (int i = 0; i < headers.length; i += 2) main.putValue(headers[i], headers[i + 1]);
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.putNextEntry(new ZipEntry("content.txt"));
            jar.write(version.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return file;
    }

    private List<Bundle> bundles(String name) {
        return Arrays.stream(felix.context().getBundles()).filter(each -> name.equals(each.getSymbolicName())).toList();
    }

    private String versions(String name) {
        return bundles(name).stream().map(each -> each.getVersion() + (each.getState() == Bundle.ACTIVE ? " active" : " not active")).toList().toString();
    }

    private static void await(String what, BooleanSupplier condition) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); !condition.getAsBoolean(); LockSupport.parkNanos(2_000_000)) assertThat(System.nanoTime()).as(what).isLessThan(end);
    }

    @Test void aJarThatAppearsIsStartedAndOneThatGoesIsUninstalled() throws Exception {
        watch(new PluginTrust.Any());
        Files.move(jar(temp.resolve("a"), "acme.a", "1.0.0"), folder.resolve("a.jar"));
        await("installed", () -> versions("acme.a").equals("[1.0.0 active]"));
        Files.delete(folder.resolve("a.jar"));
        await("uninstalled", () -> bundles("acme.a").isEmpty());
    }

    /** DESIGN.md: the new one is there before the old one leaves. */
    @Test void aNewVersionStartsBesideTheOldOneThenReplacesIt() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a.jar");
        List<String> order = new ArrayList<>();
        felix.context().addBundleListener((SynchronousBundleListener) event -> {
            if (event.getType() == BundleEvent.STARTED || event.getType() == BundleEvent.STOPPING) order.add(event.getBundle().getVersion() + (event.getType() == BundleEvent.STARTED ? " started" : " stopping"));
        });
        plugins.deploy(jar(temp.resolve("two"), "acme.a", "2.0.0"), "a.jar");
        assertThat(order).containsExactly("2.0.0 started", "1.0.0 stopping");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
        plugins.deploy(jar(temp.resolve("three"), "acme.a", "2.0.0", "Bundle-Vendor", "the same version again"), "a.jar");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
    }

    @Test void rollbackGoesBackToTheFileBeforeAndForwardAgain() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a.jar");
        assertThatThrownBy(() -> plugins.rollback("acme.a")).hasMessageContaining("no version before");
        plugins.deploy(jar(temp.resolve("two"), "acme.a", "2.0.0"), "a.jar");
        plugins.rollback("acme.a");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        plugins.rollback("a.jar");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
    }

    @Test void whatCannotBeResolvedIsGoneAgainTheOldStaysAndTheReasonIsASentence() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0", "Export-Package", "acme.api;version=1.5"), "a.jar");
        Path needy = jar(temp.resolve("two"), "acme.a", "2.0.0", "Import-Package", "com.google.gson;version=\"[2.1,3)\"");
        assertThatThrownBy(() -> plugins.deploy(needy, "a.jar")).hasMessageContaining("a.jar is refused: it imports package com.google.gson in version [2.1.0,3.0.0), and no bundle exports it: embed the library");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        assertThat(plugins.refused()).containsOnlyKeys("a.jar");
        Path older = jar(temp.resolve("b"), "acme.b", "1.0.0", "Import-Package", "acme.api;version=\"[2,3)\"");
        assertThatThrownBy(() -> plugins.deploy(older, "b.jar")).hasMessageContaining("and acme.a exports it as 1.5.0: build the plugin against this Heddle's SDK");
        Path heddle = jar(temp.resolve("c"), "acme.c", "1.0.0", "Import-Package", "heddle.core.internal");
        assertThatThrownBy(() -> plugins.deploy(heddle, "c.jar")).hasMessageContaining("it is not part of the API");
        assertThat(bundles("acme.b")).isEmpty();
        Files.delete(folder.resolve("b.jar"));
        await("the refusal is forgotten with its file", () -> !plugins.refused().containsKey("b.jar"));
    }

    @Test void whatIsNoBundleIsRefusedAndHalfAJarIsWaitedFor() throws Exception {
        watch(new PluginTrust.Any());
        Path plain = jar(temp.resolve("plain"), "", "1.0.0");
        assertThatThrownBy(() -> plugins.deploy(plain, "plain.jar")).hasMessageContaining("no Bundle-SymbolicName");
        assertThatThrownBy(() -> plugins.deploy(plain, "plain.zip")).hasMessageContaining("its name ends in .jar");
        assertThat(folder.resolve("plain.zip")).doesNotExist();
        byte[] whole = Files.readAllBytes(jar(temp.resolve("a"), "acme.a", "1.0.0"));
        Files.write(folder.resolve("a.jar"), Arrays.copyOf(whole, whole.length / 2));
        await("it is shown", () -> plugins.refused().getOrDefault("a.jar", "").contains("no whole jar"));
        assertThatThrownBy(() -> plugins.undeploy("acme.a")).hasMessageContaining("no plugin acme.a");
        Files.write(folder.resolve("a.jar"), whole);
        await("the whole jar", () -> versions("acme.a").equals("[1.0.0 active]"));
        await("refused no more", () -> plugins.refused().keySet().equals(Set.of("plain.jar")));
    }

    @Test void aBrokenFileOverAGoodOneIsRefusedAndWhatWasInForceStaysSoAfterARestart() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a.jar");
        Path broken = Files.writeString(temp.resolve("broken"), "404 not found");
        assertThatThrownBy(() -> plugins.deploy(broken, "a.jar")).hasMessageContaining("a.jar is refused: it is no whole jar");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        restart();
        watch(new PluginTrust.Any());
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        assertThat(plugins.refused()).containsOnlyKeys("a.jar");
        plugins.deploy(jar(temp.resolve("two"), "acme.a", "2.0.0"), "a.jar");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
        assertThat(plugins.refused()).isEmpty();
        plugins.rollback("acme.a");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        restart();
        Path other = jar(temp.resolve("three"), "acme.a", "3.0.0");
        Files.copy(broken, folder.resolve("a.jar"), StandardCopyOption.REPLACE_EXISTING);
        watch(PluginTrust.of("listed", "", List.of(PluginTrust.sha256(other))));
        assertThat(bundles("acme.a")).as("what is not trusted any more").isEmpty();
    }

    private void restart() throws Exception {
        close();
        felix.stop();
        felix = new Felix(temp.resolve("cache"));
        felix.startFramework();
    }

    /** Files come in any order, and after a restart in that of their names. */
    @Test void whatLacksAnotherPluginIsTakenWhenThatComes() throws Exception {
        watch(new PluginTrust.Any());
        Path user = jar(temp.resolve("user"), "acme.user", "1.0.0", "Import-Package", "acme.lib");
        assertThatThrownBy(() -> plugins.deploy(user, "a.jar")).hasMessageContaining("acme.lib");
        plugins.deploy(jar(temp.resolve("lib"), "acme.lib", "1.0.0", "Export-Package", "acme.lib"), "z.jar");
        assertThat(versions("acme.user")).isEqualTo("[1.0.0 active]");
        restart();
        watch(new PluginTrust.Any());
        assertThat(versions("acme.user")).isEqualTo("[1.0.0 active]");
        assertThat(plugins.refused()).isEmpty();
    }

    @Test void fileNamesMayHaveSpacesAndOtherSigns() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a plugin's $1.0 (new) #2.jar");
        plugins.deploy(jar(temp.resolve("two"), "acme.a", "2.0.0"), "a plugin's $1.0 (new) #2.jar");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
        plugins.rollback("a plugin's $1.0 (new) #2.jar");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        plugins.undeploy("acme.a");
        assertThat(bundles("acme.a")).isEmpty();
    }

    /** The shell lists plugins with it, also while one is on its way. */
    @Test void whatIsRefusedCanBeAskedWhileANewVersionIsTakenUp() throws Exception {
        CountDownLatch takingUp = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        watch(new PluginTrust.Any(), () -> {
            takingUp.countDown();
            try {
                asked.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a.jar");
        Path two = jar(temp.resolve("two"), "acme.a", "2.0.0");
        FutureTask<Bundle> deployed = new FutureTask<>(() -> plugins.deploy(two, "a.jar"));
        FutureTask<Map<String, String>> refused = new FutureTask<>(plugins::refused);
        Thread.ofPlatform().start(deployed);
        assertThat(takingUp.await(60, TimeUnit.SECONDS)).isTrue();
        Thread.ofPlatform().start(refused);
        assertThat(refused.get(60, TimeUnit.SECONDS)).isEmpty();
        asked.countDown();
        assertThat(deployed.get(60, TimeUnit.SECONDS).getVersion()).hasToString("2.0.0");
    }

    /** With the framework's own commands. */
    @Test void whatWasUninstalledByHandCanBeReplacedAndTakenOut() throws Exception {
        watch(new PluginTrust.Any());
        plugins.deploy(jar(temp.resolve("one"), "acme.a", "1.0.0"), "a.jar");
        bundles("acme.a").getFirst().uninstall();
        plugins.deploy(jar(temp.resolve("two"), "acme.a", "2.0.0"), "a.jar");
        assertThat(versions("acme.a")).isEqualTo("[2.0.0 active]");
        bundles("acme.a").getFirst().uninstall();
        plugins.undeploy("a.jar");
        assertThat(temp.resolve("copies/a.jar")).doesNotExist();
    }

    @Test void onlyListedDigestsAreLetIn() throws Exception {
        Path listed = jar(temp.resolve("one"), "acme.a", "1.0.0");
        watch(PluginTrust.of("listed", "", List.of(PluginTrust.sha256(listed).toUpperCase(java.util.Locale.ROOT))));
        plugins.deploy(listed, "a.jar");
        Path other = jar(temp.resolve("two"), "acme.a", "2.0.0");
        assertThatThrownBy(() -> plugins.deploy(other, "a.jar")).hasMessageContaining(PluginTrust.sha256(other)).hasMessageContaining("plugins.digests");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
    }

    @Test void onlyJarsSignedByAListedCertificateAreLetIn() throws Exception {
        key("vendor", "CN=Vendor");
        key("stranger", "CN=Stranger");
        watch(PluginTrust.of("signed", pem("vendor").toString(), List.of()));
        Path signed = sign(jar(temp.resolve("one"), "acme.a", "1.0.0"), "vendor");
        plugins.deploy(signed, "a.jar");
        assertThat(versions("acme.a")).isEqualTo("[1.0.0 active]");
        Path unsigned = jar(temp.resolve("two"), "acme.b", "1.0.0");
        assertThatThrownBy(() -> plugins.deploy(unsigned, "b.jar")).hasMessageContaining("content.txt in it is not signed");
        Path foreign = sign(jar(temp.resolve("three"), "acme.c", "1.0.0"), "stranger");
        assertThatThrownBy(() -> plugins.deploy(foreign, "c.jar")).hasMessageContaining("CN=Stranger").hasMessageContaining("plugins.certificates");
        Path altered = sign(jar(temp.resolve("four"), "acme.d", "1.0.0"), "vendor");
        try (var jar = java.nio.file.FileSystems.newFileSystem(altered)) {
            Files.writeString(jar.getPath("content.txt"), "something else");
        }
        assertThatThrownBy(() -> plugins.deploy(altered, "d.jar")).hasMessageContaining("does not fit its content");
        Path added = sign(jar(temp.resolve("five"), "acme.e", "1.0.0"), "vendor");
        try (var jar = java.nio.file.FileSystems.newFileSystem(added)) {
            Files.writeString(jar.getPath("Evil.class"), "smuggled in");
        }
        assertThatThrownBy(() -> plugins.deploy(added, "e.jar")).hasMessageContaining("Evil.class in it is not signed");
        Path bent = Files.copy(signed, temp.resolve("six"));
        try (var jar = java.nio.file.FileSystems.newFileSystem(bent)) {
            Path manifest = jar.getPath("META-INF/MANIFEST.MF");
            Files.writeString(manifest, Files.readString(manifest).replace("Bundle-Version: 1.0.0", "Bundle-Version: 6.0.0"));
        }
        assertThatThrownBy(() -> plugins.deploy(bent, "f.jar")).hasMessageContaining("does not fit its content");
        assertThat(bundles("acme.b")).isEmpty();
    }

    /** A jar carries the whole chain of its signer's keystore; any certificate of it may be the listed one. */
    @Test void anyAuthorityInTheSignersChainMayBeListedAndTimeCounts() throws Exception {
        key("root", "CN=Root", "-ext", "bc:c");
        key("middle", "CN=Middle", "-signer", "root", "-ext", "bc:c");
        key("vendor", "CN=Vendor", "-signer", "middle");
        key("old", "CN=Old", "-signer", "middle", "-startdate", "-10d");
        Path signed = sign(sign(jar(temp.resolve("one"), "acme.a", "1.0.0"), "root"), "vendor");
        Path expired = sign(jar(temp.resolve("two"), "acme.b", "1.0.0"), "old");
        for (String authority : List.of("vendor", "middle", "root")) PluginTrust.of("signed", pem(authority).toString(), List.of()).check(signed);
        assertThatThrownBy(() -> PluginTrust.of("signed", pem("middle").toString(), List.of()).check(expired)).hasMessageContaining("CN=Old, whose certificate or an authority's has expired");
        PluginTrust.of("signed", pem("old").toString(), List.of()).check(expired);
        Path stranger = sign(jar(temp.resolve("three"), "acme.c", "1.0.0"), "vendor");
        assertThatThrownBy(() -> PluginTrust.of("signed", pem("old").toString(), List.of()).check(stranger)).hasMessageContaining("CN=Vendor, whom plugins.certificates does not list");
    }

    @Test void settingsOfTrustThatCannotBeAreNamed() throws Exception {
        assertThatThrownBy(() -> PluginTrust.of("signed", "", List.of())).hasMessageContaining("plugins.certificates: is not set");
        assertThatThrownBy(() -> PluginTrust.of("signed", "/nowhere.pem", List.of())).hasMessageContaining("/nowhere.pem is not there");
        Path empty = Files.writeString(temp.resolve("empty.pem"), "");
        assertThatThrownBy(() -> PluginTrust.of("signed", empty.toString(), List.of())).hasMessageContaining("plugins.certificates: " + empty);
        assertThatThrownBy(() -> PluginTrust.of("listed", "", List.of("sha256:1234"))).hasMessageContaining("plugins.digests: sha256:1234");
    }

    private void key(String alias, String name, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1", "-genkeypair", "-alias", alias,
                "-keystore", keystore().toString(), "-storepass", PASSWORD, "-keyalg", "EC", "-dname", name, "-validity", "2"));
        words.addAll(List.of(more));
        Path output = temp.resolve("keytool.log");
        Process process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    private Path keystore() {
        return temp.resolve("keys");
    }

    private KeyStore.PrivateKeyEntry entry(String alias) throws Exception {
        char[] password = PASSWORD.toCharArray();
        return (KeyStore.PrivateKeyEntry) KeyStore.getInstance(keystore().toFile(), password).getEntry(alias, new KeyStore.PasswordProtection(password));
    }

    private Path pem(String alias) throws Exception {
        String certificate = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(entry(alias).getCertificate().getEncoded());
        return Files.writeString(temp.resolve(alias + ".pem"), "-----BEGIN CERTIFICATE-----\n" + certificate + "\n-----END CERTIFICATE-----\n");
    }

    /** What the tool jarsigner does, without its start. */
    private Path sign(Path jar, String alias) throws Exception {
        Path signed = temp.resolve("signed.tmp");
        try (ZipFile unsigned = new ZipFile(jar.toFile()); OutputStream out = Files.newOutputStream(signed)) {
            new JarSigner.Builder(entry(alias)).signerName(alias).build().sign(unsigned, out);
        }
        return Files.move(signed, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}
