package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The header fields of one head: the received bytes with the place of every field line, and a small overlay of edits. What nobody
 *  edited is forwarded by copying the received bytes. Reused from head to head of a connection; its event loop only. */
final class Fields {
    private static final int STRIDE = 4;
    /** The received head; HTTP/2 fields are laid down in the same form, {@code name: value CR LF}. */
    byte[] bytes = new byte[1024];
    /** Bytes in use, and after the last field line. */
    int length;
    private int[] at = new int[STRIDE * 24];
    private byte[] kinds = new byte[24];
    private boolean[] gone = new boolean[24];
    private int count;
    private int end;
    private boolean anyGone;
    private String @Nullable [] overlay;
    private int overlaid;

    void clear() {
        if (anyGone) Arrays.fill(gone, 0, count, false);
        anyGone = false;
        length = 0;
        count = 0;
        end = 0;
        if (overlaid > 0) Arrays.fill(overlay, 0, overlaid * 2, null);
        overlaid = 0;
        if (bytes.length > 16384) bytes = new byte[1024];
    }

    void room(int more) {
        if (length + more > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }

    /** Notes a received field line that ends before {@code lineEnd}. */
    void add(int name, int nameEnd, int value, int valueEnd, int lineEnd) {
        if (count == kinds.length) {
            at = Arrays.copyOf(at, at.length * 2);
            kinds = Arrays.copyOf(kinds, count * 2);
            gone = Arrays.copyOf(gone, count * 2);
        }
        int i = count * STRIDE;
        at[i] = name;
        at[i + 1] = nameEnd;
        at[i + 2] = value;
        at[i + 3] = valueEnd;
        kinds[count++] = Known.of(bytes, name, nameEnd);
        end = lineEnd;
    }

    /** Lays down a field that came in another form (HTTP/2, an answer of our own). */
    void lay(CharSequence name, CharSequence value) {
        room(name.length() + value.length() + 4);
        int start = length;
        int nameEnd = put(name, start);
        bytes[nameEnd] = ':';
        bytes[nameEnd + 1] = ' ';
        int valueEnd = put(value, nameEnd + 2);
        bytes[valueEnd] = '\r';
        bytes[valueEnd + 1] = '\n';
        length = valueEnd + 2;
        add(start, nameEnd, nameEnd + 2, valueEnd, length);
    }

    /** Lays down text that is no field (a request target), before the first field; where it begins. */
    int layText(CharSequence text) {
        room(text.length());
        int start = length;
        length = put(text, start);
        return start;
    }

    private int put(CharSequence text, int to) {
        int n = text.length();
        if (text instanceof AsciiString ascii) {
            System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, to, n);
            return to + n;
        }
        for (int i = 0; i < n; i++) bytes[to + i] = (byte) text.charAt(i);
        return to + n;
    }

    int count() {
        return count;
    }

    byte kind(int i) {
        return kinds[i];
    }

    boolean present(int i) {
        return !gone[i];
    }

    void drop(int i) {
        gone[i] = true;
        anyGone = true;
    }

    String value(int i) {
        return text(at[i * STRIDE + 2], at[i * STRIDE + 3]);
    }

    int nameStart(int i) {
        return at[i * STRIDE];
    }

    int nameEnd(int i) {
        return at[i * STRIDE + 1];
    }

    /** Fields that edits have added. */
    int added() {
        return overlaid;
    }

    String addedName(int i) {
        return overlay[2 * i];
    }

    String addedValue(int i) {
        return overlay[2 * i + 1];
    }

    int valueStart(int i) {
        return at[i * STRIDE + 2];
    }

    int valueEnd(int i) {
        return at[i * STRIDE + 3];
    }

    boolean named(int i, String lowerCase) {
        int start = at[i * STRIDE];
        return at[i * STRIDE + 1] - start == lowerCase.length() && Bytes.equalsIgnoreCase(bytes, start, lowerCase);
    }

    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    boolean has(String name) {
        String lower = lower(name);
        for (int i = 0; i < count; i++) if (!gone[i] && named(i, lower)) return true;
        for (int i = 0; i < overlaid; i++) if (overlay[2 * i].equals(lower)) return true;
        return false;
    }

    /** All values of a field joined by ", "; "" when absent. */
    String get(String name) {
        String lower = lower(name);
        String found = "";
        boolean any = false;
        for (int i = 0; i < count; i++) {
            if (gone[i] || !named(i, lower)) continue;
            found = any ? found + ", " + value(i) : value(i);
            any = true;
        }
        for (int i = 0; i < overlaid; i++) {
            if (!overlay[2 * i].equals(lower)) continue;
            found = any ? found + ", " + overlay[2 * i + 1] : overlay[2 * i + 1];
            any = true;
        }
        return found;
    }

    void each(BiConsumer<String, String> sink) {
        for (int i = 0; i < count; i++) {
            if (!gone[i]) sink.accept(lower(text(at[i * STRIDE], at[i * STRIDE + 1])), value(i));
        }
        for (int i = 0; i < overlaid; i++) sink.accept(overlay[2 * i], overlay[2 * i + 1]);
    }

    void set(String name, String value) {
        String lower = lower(name);
        removeLower(lower);
        append(lower, value);
    }

    /** Joins the value to an existing one by a comma (SPEC.md F6). */
    void join(String name, String value) {
        String lower = lower(name);
        if (has(lower)) set(lower, get(lower) + "," + value);
        else append(lower, value);
    }

    /** A further field line. */
    void append(String name, String value) {
        if (overlay == null) overlay = new String[8];
        else if (overlay.length == 2 * overlaid) overlay = Arrays.copyOf(overlay, 4 * overlaid);
        overlay[2 * overlaid] = lower(name);
        overlay[2 * overlaid + 1] = Bytes.fieldValue(value);
        overlaid++;
    }

    void remove(String name) {
        removeLower(lower(name));
    }

    private void removeLower(String lower) {
        for (int i = 0; i < count; i++) if (!gone[i] && named(i, lower)) drop(i);
        int kept = 0;
        for (int i = 0; i < overlaid; i++) {
            if (overlay[2 * i].equals(lower)) continue;
            overlay[2 * kept] = overlay[2 * i];
            overlay[2 * kept++ + 1] = overlay[2 * i + 1];
        }
        for (int i = kept; i < overlaid; i++) overlay[2 * i] = overlay[2 * i + 1] = null;
        overlaid = kept;
    }

    /** No more than this many bytes are written by {@link #writeTo}. */
    int size() {
        int size = count == 0 ? 0 : end - at[0];
        for (int i = 0; i < overlaid; i++) size += overlay[2 * i].length() + overlay[2 * i + 1].length() + 4;
        return size;
    }

    /** Writes every field line, without the empty line that ends a head. */
    void writeTo(ByteBuf out) {
        if (!anyGone) {
            if (count > 0) out.writeBytes(bytes, at[0], end - at[0]);
        } else {
            for (int i = 0; i < count; ) {
                if (gone[i]) {
                    i++;
                    continue;
                }
                int from = at[i * STRIDE];
                while (i < count && !gone[i]) i++;
                out.writeBytes(bytes, from, (i == count ? end : at[i * STRIDE]) - from);
            }
        }
        for (int i = 0; i < overlaid; i++) Bytes.field(out, overlay[2 * i], overlay[2 * i + 1]);
    }

    /** An own copy, for what outlives the exchange (a mirror). */
    Fields copy() {
        Fields copy = new Fields();
        copy.bytes = Arrays.copyOf(bytes, Math.max(64, length));
        copy.length = length;
        copy.at = at.clone();
        copy.kinds = kinds.clone();
        copy.gone = gone.clone();
        copy.count = count;
        copy.end = end;
        copy.anyGone = anyGone;
        copy.overlay = overlay == null ? null : overlay.clone();
        copy.overlaid = overlaid;
        return copy;
    }

    static String lower(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') return name.toLowerCase(Locale.ROOT);
        }
        return name;
    }
}
