package heddle.forward.internal;

import heddle.api.policy.ResponseEdit;

/** A response's head on its way to the client, received or made by ourselves. Reused within an upstream connection. */
final class ReceivedResponse implements ResponseEdit {
    final Fields fields = new Fields();
    int status;
    /** A length, or a constant of {@link Framing}. */
    long body = Framing.NONE;
    /** The backend keeps the connection. */
    boolean keepAlive;
    boolean upgrade;
    /** The received reason phrase, in {@code fields.bytes}. */
    int reasonStart;
    int reasonEnd;

    void reset(int newStatus) {
        status = newStatus;
        body = Framing.NONE;
        keepAlive = true;
        upgrade = false;
        reasonStart = 0;
        reasonEnd = 0;
    }

    @Override public int status() {
        return status;
    }

    @Override public void setStatus(int newStatus) {
        if (newStatus < 200 || newStatus > 599) return;                  // a filter cannot make an interim response of it
        status = newStatus;
        reasonStart = 0;
        reasonEnd = 0;
    }

    @Override public String header(String name) {
        return fields.get(name);
    }

    @Override public boolean hasHeader(String name) {
        return fields.has(name);
    }

    @Override public void setHeader(String name, String value) {
        String lower = Fields.lower(name);
        if (editable(lower)) fields.set(lower, value);
    }

    @Override public void addHeader(String name, String value) {
        String lower = Fields.lower(name);
        if (editable(lower)) fields.join(lower, value);
    }

    @Override public void appendHeader(String name, String value) {
        String lower = Fields.lower(name);
        if (editable(lower)) fields.append(lower, value);
    }

    @Override public void removeHeader(String name) {
        String lower = Fields.lower(name);
        if (editable(lower)) fields.remove(lower);
    }

    private static boolean editable(String lower) {
        return !Known.framing(lower) && ReceivedRequest.isToken(lower);
    }
}
