package heddle.itest.bpf;

import heddle.api.source.Registration;
import heddle.steer.internal.EbpfSteering;
import heddle.steer.internal.SteerConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The daemon's steering half: the steering bundle, a stand-in for the forwarder, a heartbeat. In this process, or as one of its own. */
final class Daemon implements AutoCloseable {
    final EbpfSteering steering;
    final StandIn standIn = new StandIn();
    private final Registration registration;
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private long generation;

    Daemon(SteerConfig config) throws Exception {
        this(EbpfSteering.open(config));
    }

    Daemon(SteerConfig config, Path object) throws Exception {
        this(EbpfSteering.open(config, Files.readAllBytes(object)));
    }

    private Daemon(EbpfSteering steering) {
        this.steering = steering;
        steering.heartbeat();
        registration = steering.start(standIn);
        steering.heartbeat();
        heart.scheduleWithFixedDelay(steering::heartbeat, 0, 100, TimeUnit.MILLISECONDS);
    }

    void apply(List<String> lines) {
        steering.apply(PlanText.parse(++generation, lines));
    }

    void stopHeart() {
        heart.shutdownNow();
        heart.close();
    }

    long counter(String name) {
        return steering.status().counters().get(name);
    }

    @Override public void close() {
        stopHeart();
        registration.close();
        steering.close();
        standIn.close();
    }

    /** Arguments: cgroup base, pin directory, stale milliseconds, keep. Plan lines on stdin up to {@code apply}; {@code quit} ends. */
    public static void main(String[] args) throws Exception {
        SteerConfig config = new SteerConfig(Optional.empty(), args[0], Path.of(args[1]), Duration.ofMillis(Long.parseLong(args[2])),
                Boolean.parseBoolean(args[3]), Sandbox.PORT, true);
        try (Daemon daemon = new Daemon(config); BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
            List<String> lines = new ArrayList<>();
            System.out.println("started " + daemon.steering.programIds());
            for (String line = in.readLine(); line != null && !line.equals("quit"); line = in.readLine()) {
                if (line.equals("apply")) {
                    daemon.apply(lines);
                    lines.clear();
                    System.out.println("applied");
                } else {
                    lines.add(line);
                }
            }
        }
        System.out.println("ended");
    }
}
