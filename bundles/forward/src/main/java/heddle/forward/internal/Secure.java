package heddle.forward.internal;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import heddle.api.plan.UpstreamTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** TLS toward endpoints (SPEC.md B13): trust by the policy's certificates or the system's, SNI, and one of the policy's names in the
 *  endpoint's certificate. OpenSSL where its library is there, else the JDK's. Any thread; the handshake on the channel's loop. */
final class Secure {
    private static final System.Logger LOG = System.getLogger("heddle.forward");
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int IP = 7;
    private static final Map<Key, SslContext> CONTEXTS = new ConcurrentHashMap<>();

    private record Key(String caCertificatesPem, boolean http2) {}

    private Secure() {}

    /** Chosen and told at the first use: loading the native library costs what nobody without TLS should pay. */
    private static final class Provider {
        static final SslProvider IN_USE = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

        static {
            if (IN_USE == SslProvider.OPENSSL) LOG.log(INFO, "TLS toward endpoints by {0}", OpenSsl.versionString());
            else LOG.log(WARNING, "TLS toward endpoints by the JDK: the native library cannot be used: {0}", OpenSsl.unavailabilityCause().toString());
        }
    }

    /** Shakes hands on a connected channel; tells the outcome as a dial does. */
    static void handshake(Channel channel, UpstreamTls tls, boolean http2, InetSocketAddress address, long limitNanos, Dial.Outcome outcome) {
        SslHandler handler;
        try {
            handler = context(tls, http2).newHandler(channel.alloc(), tls.serverName(), address.getPort());
        } catch (SSLException | RuntimeException e) {
            Faults.note("TLS toward " + tls.serverName(), e);
            channel.close();
            outcome.failed(e);
            return;
        }
        handler.setHandshakeTimeoutMillis(Math.max(1, limitNanos / 1_000_000));
        ChannelInboundHandlerAdapter quiet = new ChannelInboundHandlerAdapter() {
            @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // the handshake's future tells it
            }
        };
        channel.pipeline().addLast(handler, quiet);
        handler.handshakeFuture().addListener(shaken -> {
            Throwable fault = shaken.isSuccess() ? refusal(handler, tls, http2) : shaken.cause();
            if (fault == null) {
                channel.pipeline().remove(quiet);
                outcome.connected(channel);
            } else {
                channel.close();
                outcome.failed(fault);
            }
        });
    }

    private static SslContext context(UpstreamTls tls, boolean http2) throws SSLException {
        Key key = new Key(tls.caCertificatesPem(), http2);
        SslContext known = CONTEXTS.get(key);
        if (known != null) return known;
        if (CONTEXTS.size() > 1000) CONTEXTS.clear();
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(Provider.IN_USE)
                .endpointIdentificationAlgorithm(null);                       // names are checked by refusal(): the policy's, not the address
        if (!tls.caCertificatesPem().isEmpty())
            builder.trustManager(new ByteArrayInputStream(tls.caCertificatesPem().getBytes(StandardCharsets.US_ASCII)));
        builder.applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE, ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                http2 ? "h2" : "http/1.1"));
        SslContext made = builder.build();
        CONTEXTS.put(key, made);
        return made;
    }

    private static @Nullable Throwable refusal(SslHandler handler, UpstreamTls tls, boolean http2) {
        String protocol = handler.applicationProtocol();
        if (http2 && protocol != null && !protocol.equals("h2")) return new SSLException("the endpoint speaks " + protocol);
        try {
            X509Certificate certificate = (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
            List<String> names = tls.hostnames().isEmpty() ? List.of(tls.serverName()) : tls.hostnames();
            return named(certificate, names) ? null : new SSLPeerUnverifiedException("the certificate has none of the names " + names);
        } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
            return e;
        }
    }

    private static boolean named(X509Certificate certificate, List<String> names) throws CertificateParsingException {
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives == null) return false;
        for (List<?> alternative : alternatives) {
            if (!(alternative.get(1) instanceof String value)) continue;
            int type = (Integer) alternative.get(0);
            for (String name : names) if (matches(type, value, name)) return true;
        }
        return false;
    }

    private static boolean matches(int type, String value, String name) {
        if (name.contains("://")) return type == URI && value.equals(name);
        if (type == IP) return value.equals(name);
        if (type != DNS) return false;
        String have = value.toLowerCase(Locale.ROOT);
        String want = name.toLowerCase(Locale.ROOT);
        if (have.equals(want)) return true;
        int dot = want.indexOf('.');
        return have.startsWith("*.") && dot > 0 && have.substring(1).equals(want.substring(dot));
    }
}
