package heddle.forward.internal;

/** The options of a Connection field; RFC 9110 §7.6.1. */
final class ConnectionTokens {
    boolean close;
    boolean keepAlive;
    boolean upgrade;

    void clear() {
        close = false;
        keepAlive = false;
        upgrade = false;
    }

    /** Reads one Connection field's value, and drops the fields that it names. A name that frames or addresses the message is not
     *  obeyed: it would change what the other side reads. */
    void read(Fields fields, int index) {
        byte[] b = fields.bytes;
        int end = fields.valueEnd(index);
        for (int i = fields.valueStart(index); i < end; ) {
            int from = i;
            while (i < end && b[i] != ',') i++;
            int to = i++;
            while (from < to && (b[from] == ' ' || b[from] == '\t')) from++;
            while (to > from && (b[to - 1] == ' ' || b[to - 1] == '\t')) to--;
            if (from == to) continue;
            if (Bytes.equalsIgnoreCase(b, from, to, "keep-alive")) keepAlive = true;
            else if (Bytes.equalsIgnoreCase(b, from, to, "close")) close = true;
            else if (Bytes.equalsIgnoreCase(b, from, to, "upgrade")) upgrade = true;
            else dropNamed(fields, from, to);
        }
    }

    private static void dropNamed(Fields fields, int from, int to) {
        byte kind = Known.of(fields.bytes, from, to);
        if (kind == Known.HOST || kind == Known.CONTENT_LENGTH || kind == Known.TRANSFER_ENCODING || kind == Known.CONTENT_TYPE) return;
        String name = Fields.lower(fields.text(from, to));
        for (int i = 0; i < fields.count(); i++) if (fields.named(i, name)) fields.drop(i);
    }
}
