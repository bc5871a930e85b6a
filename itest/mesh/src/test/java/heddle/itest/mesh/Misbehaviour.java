package heddle.itest.mesh;

import java.io.IOException;
import java.nio.file.Path;

/** What a plugin's filter may do that it should not, one each. {@code status} is what its own requests are answered off the loop. */
enum Misbehaviour {
    FAILS(500, "throw new IllegalStateException(\"on purpose\");"),
    RETURNS(500, "return null;"),
    BLOCKS(500, "try { Thread.sleep(5000); } catch (InterruptedException e) { throw new RuntimeException(e); } return FilterAction.CONTINUE;"),
    SPINS(500, "for (long i = 0; ; i++) request.header(\"x\" + i % 2);"),
    HOARDS(500, "kept = new long[Integer.MAX_VALUE - 8]; return FilterAction.CONTINUE;"),
    EXITS(500, "System.exit(9); return FilterAction.CONTINUE;"),
    HALTS(500, "Runtime.getRuntime().halt(9); return FilterAction.CONTINUE;"),
    EXECUTES(500, "try { new ProcessBuilder(\"true\").start(); } catch (java.io.IOException e) { } return FilterAction.CONTINUE;"),
    RECURSES(500, "return onRequest(request, exchange);"),
    LEAKS(200, "kept = new Object[] {kept, request, exchange, new byte[100_000]}; return FilterAction.CONTINUE;"),
    STARTS(200, "for (int i = 0; i < 20; i++) { Thread t = new Thread(() -> { while (true) java.util.concurrent.locks.LockSupport.parkNanos(50_000_000); }, \"stray acme.starts\"); t.setDaemon(true); t.start(); } return FilterAction.CONTINUE;"),
    /** A wait that no interrupt ends. */
    SWALLOWS(500, "new java.util.concurrent.CompletableFuture<String>().completeOnTimeout(\"\", 8, java.util.concurrent.TimeUnit.SECONDS).join(); return FilterAction.CONTINUE;"),
    /** A loop inside the JDK, in which nothing is woven. */
    HANGS(500, "long end = System.nanoTime() + 8_000_000_000L; java.util.stream.LongStream.generate(System::nanoTime).filter(now -> now - end > 0).findFirst(); return FilterAction.CONTINUE;");

    final int status;
    private final String body;

    Misbehaviour(int status, String body) {
        this.status = status;
        this.body = body;
    }

    /** Of its resource: {@code Fails}. */
    String kind() {
        return name().charAt(0) + name().substring(1).toLowerCase(java.util.Locale.ROOT);
    }

    /** Its bundle's symbolic name. */
    String bundle() {
        return "acme." + name().toLowerCase(java.util.Locale.ROOT);
    }

    Path jar(Path folder, boolean loop) throws IOException {
        return NaughtyPlugin.jar(folder, kind(), loop, body);
    }
}
