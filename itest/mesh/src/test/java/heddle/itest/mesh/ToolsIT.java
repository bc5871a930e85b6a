package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** HTTP/2 as others speak it: curl with prior knowledge, nghttp2's h2load. A tool that is not there fails its test and says what to install. */
class ToolsIT {
    private static Field field;

    @BeforeAll
    static void start() {
        field = Field.ofOne("""
                - matches: [{path: {value: /here}}]
                  backendRefs: [{name: one, port: 8000}]
                """);
    }

    @AfterAll
    static void end() {
        field.close();
    }

    private static String url(String path) {
        return "http://" + field.host(11) + ":8000" + path;
    }

    @Test
    void curlSpeaksHttp2WithPriorKnowledge() {
        String said = Curl.raw(List.of(), Duration.ofSeconds(30), "-s", "--http2-prior-knowledge", "-w", "\n%{http_version} %{http_code}", url("/here")).out();
        assertThat(said).contains("backend=one", "request=GET /here HTTP/1.1").endsWith("2 200");
        assertThat(Curl.raw(List.of(), Duration.ofSeconds(30), "-s", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url("/nowhere")).out()).isEqualTo("2 404");
    }

    /** RFC 9113 §3.1: the upgrade is ignored. */
    @Test
    void anUpgradeToHttp2IsAnsweredInHttp11() {
        assertThat(Curl.raw(List.of(), Duration.ofSeconds(30), "-s", "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url("/here")).out()).isEqualTo("1.1 200");
    }

    @Test
    void curlUploadsAndDownloadsOverHttp2() {
        String said = Curl.raw(List.of(), Duration.ofSeconds(60), "-s", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", url("/here?bytes=20000000")).out();
        assertThat(said).isEqualTo("200 20000000");
    }

    @Test
    void h2loadLosesNoRequest() {
        if (Command.of("sh", "-c", "command -v h2load").run().status() != 0) {
            throw new AssertionError("h2load is not installed, so HTTP/2 under load is not proven: apt-get install nghttp2-client");
        }
        String said = Command.of("h2load", "-n", "5000", "-c", "8", "-m", "16", url("/here")).run().out();
        Matcher requests = Pattern.compile("requests: 5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout").matcher(said);
        assertThat(requests.find()).as(said).isTrue();
    }
}
