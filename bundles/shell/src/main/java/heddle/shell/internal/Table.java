package heddle.shell.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A text table: columns as wide as their widest cell, two spaces between them, no lines. Cells are cleaned of control
 *  characters, since names and messages come from manifests. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();

    Table(String... header) {
        rows.add(header);
    }

    Table row(Object... cells) {
        String[] row = new String[cells.length];
        for (int i = 0; i < cells.length; i++) row[i] = clean(String.valueOf(cells[i]));
        rows.add(row);
        return this;
    }

    void print(PrintStream out) {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) widths[i] = Math.max(widths[i], row[i].length());
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) line.append(row[i]).repeat(' ', i + 1 < row.length ? widths[i] - row[i].length() + 2 : 0);
            out.println(line.toString().stripTrailing());
        }
    }

    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return clean.toString();
    }
}
