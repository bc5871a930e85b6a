package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.model.Service;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/** The URL of an explained request, taken apart without resolving names.
 *  @param authority as a client would send it in Host
 *  @param target    path and query
 *  @param byAddress the host is an IP address */
record Target(String host, int port, String authority, String target, boolean byAddress) {
    /** @throws IllegalArgumentException saying what was expected */
    static Target parse(String url) {
        String rest = url.contains("://") ? url.substring(url.indexOf("://") + 3) : url;
        String scheme = url.toLowerCase(Locale.ROOT);
        boolean secure = scheme.startsWith("https://") || scheme.startsWith("tls://");
        int end = 0;
        while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) end++;
        String authority = rest.substring(rest.lastIndexOf('@', end) + 1, end);
        String path = rest.substring(end);
        int fragment = path.indexOf('#');
        if (fragment >= 0) path = path.substring(0, fragment);
        if (!path.startsWith("/")) path = "/" + path;
        boolean bracketed = authority.startsWith("[");
        int colon = bracketed ? authority.indexOf(':', Math.max(0, authority.indexOf(']'))) : authority.lastIndexOf(':');
        String host = colon < 0 ? authority : authority.substring(0, colon);
        if (bracketed) host = host.replace("[", "").replace("]", "");
        if (host.isEmpty()) throw new IllegalArgumentException("url: " + url + " (expected: http://HOST[:PORT]/PATH)");
        int port = secure ? 443 : 80;
        if (colon >= 0) {
            try {
                port = Integer.parseInt(authority.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("url: " + url + " (expected: a number after the colon)", e);
            }
        }
        boolean address = bracketed || host.matches("[0-9.]+");
        return new Target(host.toLowerCase(Locale.ROOT), port, authority, path, address);
    }

    /** {@code NAME}, {@code NAME.NS}, {@code NAME.NS.svc}, {@code NAME.NS.svc.cluster.local} or an address; a short name is looked up in the
     *  client's namespace. */
    Optional<Service> service(World world, Client client) {
        if (byAddress) {
            try {
                InetAddress address = InetAddress.ofLiteral(host);
                return world.services().values().stream().filter(each -> each.clusterIps().contains(address)).findFirst();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        String[] labels = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).split("\\.");
        String namespace = labels.length > 1 ? labels[1] : client.namespace().isEmpty() ? "default" : client.namespace();
        boolean ours = labels.length <= 2 || labels[2].equals("svc") && (labels.length == 3 || labels.length == 5 && labels[3].equals("cluster") && labels[4].equals("local"));
        return ours ? world.service(new ServiceName(namespace, labels[0])) : Optional.empty();
    }
}
