package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWatchTest {
    @Test void createdChangedAndDeletedFilesAreTold(@TempDir Path folder) throws Exception {
        Semaphore told = new Semaphore(0);
        try (FolderWatch watch = new FolderWatch("test", folder, Duration.ofMillis(20), told::release)) {
            Path file = Files.writeString(folder.resolve("a"), "1");
            assertThat(told.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            Files.writeString(file, "2");
            assertThat(told.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            Files.delete(file);
            assertThat(told.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test void aFailingReaderIsAskedAgain(@TempDir Path folder) throws Exception {
        Semaphore told = new Semaphore(0);
        try (FolderWatch watch = new FolderWatch("test", folder, Duration.ofMillis(20), () -> {
            told.release();
            throw new IllegalStateException("on purpose");
        })) {
            Files.writeString(folder.resolve("a"), "1");
            assertThat(told.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            Files.writeString(folder.resolve("b"), "1");
            assertThat(told.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
