package heddle.gateway;

import java.util.ArrayList;
import java.util.List;

/** One document of a multi-document text. A reader that keeps what a document was decoded to decodes only those that changed.
 *  @param line number of its first line in the file, from 1 */
public record Document(int line, String text) {

    /** Splits at the {@code ---} lines, which YAML forbids inside any content. A text with directives or {@code ...} lines stays whole. */
    public static List<Document> split(String text) {
        List<Document> documents = new ArrayList<>();
        int from = 0;
        int fromLine = 1;
        int line = 1;
        for (int at = 0; at < text.length(); line++) {
            int newline = text.indexOf('\n', at);
            int next = newline < 0 ? text.length() : newline + 1;
            char first = text.charAt(at);
            if (first == '%' || first == '.' && marks(text, at, '.')) {
                return List.of(new Document(1, text));
            }
            if (first == '-' && at > from && marks(text, at, '-')) {
                add(documents, fromLine, text.substring(from, at));
                from = at;
                fromLine = line;
            }
            at = next;
        }
        add(documents, fromLine, text.substring(from));
        return documents;
    }

    /** Three times {@code mark}, then white space or the end. */
    private static boolean marks(String text, int at, char mark) {
        for (int i = 0; i < 3; i++) {
            if (at + i >= text.length() || text.charAt(at + i) != mark) {
                return false;
            }
        }
        return at + 3 == text.length() || Character.isWhitespace(text.charAt(at + 3));
    }

    private static void add(List<Document> documents, int line, String text) {
        if (!text.isBlank()) {
            documents.add(new Document(line, text));
        }
    }
}
