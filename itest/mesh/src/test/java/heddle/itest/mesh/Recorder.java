package heddle.itest.mesh;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** An HTTP/1.1 server that keeps the head of each request, one fact a line as {@link Echo} tells them, and answers by a script. */
final class Recorder implements AutoCloseable {
    interface Script {
        /** Returns the status to answer; may set response headers. */
        int answer(HttpExchange exchange) throws Exception;
    }

    final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    Recorder(String address, int port, Script script) throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, port), 64);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                StringBuilder text = new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n");
                exchange.getRequestHeaders().forEach((name, values) -> text.append(name.toLowerCase(java.util.Locale.ROOT)).append(": ").append(String.join(", ", values)).append('\n'));
                text.append("bytes=").append(exchange.getRequestBody().readAllBytes().length).append('\n');
                requests.add(text.toString());
                exchange.sendResponseHeaders(script.answer(exchange), -1);
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        server.start();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
