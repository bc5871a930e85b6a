package heddle.sample.maglev;

/** FNV-1a over the characters, then mixed: enough for spreading, no defence against chosen keys. */
final class Hash {
    private Hash() {}

    static long of(String text, long seed) {
        long hash = seed ^ 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
        return hash ^ hash >>> 33;
    }
}
