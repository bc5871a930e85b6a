package heddle.source.file.internal;

import heddle.api.source.RouteSource;
import heddle.gateway.ManifestDecoder;
import heddle.testkit.RouteSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FileSourceContractTest extends RouteSourceContract {
    @TempDir Path folder;
    private ManifestSource source;

    @BeforeEach void start() throws IOException {
        Files.writeString(folder.resolve("first.yaml"), "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: [{port: 80}]}}\n" + route("first", "/first"));
        setSecondPath("/second");
        AddressMemory memory = new AddressMemory(Optional.empty());
        source = new ManifestSource(List.of(folder), new ManifestDecoder(), new ClusterAddresses(AddressRange.parse("127.96.0.0/16"), Optional.empty(), memory), memory);
        source.start();
    }

    @AfterEach void stop() {
        source.close();
    }

    @Override protected RouteSource source() {
        return source;
    }

    @Override protected void setSecondPath(String path) throws IOException {
        Path next = folder.resolve(".next");
        Files.writeString(next, route("second", path));
        Files.move(next, folder.resolve("second.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override protected void removeSecond() throws IOException {
        Files.delete(folder.resolve("second.yaml"));
    }
}
