package heddle.shell.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** One of a session's two output streams on the one connection: each line goes out behind its stream's digit, {@code 1 text};
 *  an unfinished last line as {@code 1-text}. */
final class FramedOutput extends OutputStream {
    private final Object lock;
    private final OutputStream connection;
    private final char stream;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** @param lock shared by the streams of one connection */
    FramedOutput(Object lock, OutputStream connection, char stream) {
        this.lock = lock;
        this.connection = connection;
        this.stream = stream;
    }

    @Override public void write(int b) throws IOException {
        synchronized (lock) {
            if (b == '\n') send(' ');
            else line.write(b);
        }
    }

    @Override public void write(byte[] bytes, int from, int length) throws IOException {
        synchronized (lock) {
            for (int i = from; i < from + length; i++) write(bytes[i]);
        }
    }

    /** Sends an unfinished line; only at the end of a command, so that flushes in between do not break lines. */
    void finish() throws IOException {
        synchronized (lock) {
            if (line.size() > 0) send('-');
            connection.flush();
        }
    }

    private void send(char mark) throws IOException {
        connection.write((stream + "" + mark).getBytes(StandardCharsets.US_ASCII));
        line.writeTo(connection);
        connection.write('\n');
        line.reset();
    }
}
