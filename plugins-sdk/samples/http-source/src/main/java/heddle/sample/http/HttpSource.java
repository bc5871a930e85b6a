package heddle.sample.http;

import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/** The route source {@code http}: manifests (YAML or JSON, any number of documents) that a server gives. Starts when it has a URL:
 *  setting {@code plugins.settings} with {@code heddle.sample.http:url=http://…} and, if wanted, {@code heddle.sample.http:seconds=5}. */
@Component(service = RouteSource.class, configurationPid = "heddle.sample.http", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class HttpSource implements RouteSource {
    /** What plugins.settings gives. */
    public @interface Settings {
        String url();

        /** Between two looks; 1 or more. */
        int seconds() default 5;
    }

    /** For a whole answer. */
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private final Poller poller;

    @Activate public HttpSource(Settings settings) {
        this(url(settings.url()), every(settings.seconds()), LIMIT);
    }

    HttpSource(URI url, Duration every, Duration limit) {
        poller = new Poller(url, every, limit);
    }

    private static URI url(String text) {
        URI url = URI.create(text);
        if (List.of("http", "https").contains(String.valueOf(url.getScheme())) && url.getHost() != null) return url;
        throw new IllegalArgumentException("heddle.sample.http:url: " + text + " (expected: http:// or https://)");
    }

    private static Duration every(int seconds) {
        if (seconds > 0) return Duration.ofSeconds(seconds);
        throw new IllegalArgumentException("heddle.sample.http:seconds: " + seconds + " (expected: 1 or more)");
    }

    @Override public String id() {
        return "http";
    }

    @Override public Registration subscribe(SourceObserver observer) {
        return poller.add(observer);
    }

    @Deactivate void close() {
        poller.close();
    }
}
