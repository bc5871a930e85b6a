package heddle.sample.http;

import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import java.net.URI;
import java.time.Duration;
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

        /** Between two looks. */
        int seconds() default 5;
    }

    private final Poller poller;

    @Activate public HttpSource(Settings settings) {
        this(URI.create(settings.url()), Duration.ofSeconds(settings.seconds()));
    }

    HttpSource(URI url, Duration every) {
        poller = new Poller(url, every);
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
