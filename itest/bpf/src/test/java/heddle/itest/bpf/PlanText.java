package heddle.itest.bpf;

import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Handling;
import heddle.api.steer.SteeringPlan.Member;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Slot;
import heddle.api.steer.SteeringPlan.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Plans as lines, so that a daemon in another process can be told:
 *  {@code member ID NS NAME NETNS|- ADDRESSES|- CLASS [CGROUP]} and
 *  {@code frontend NAME TCP|UDP ADDRESS[,…] PORT open|closed|affinity CLASS=MODE[=SLOTS];…}, slots {@code ADDRESS/PORT/WEIGHT+…}, address {@code none} refuses. */
final class PlanText {
    private PlanText() {}

    static SteeringPlan parse(long generation, List<String> lines) {
        List<Frontend> frontends = new ArrayList<>();
        List<Member> members = new ArrayList<>();
        for (String line : lines) {
            String[] w = line.split(" ");
            if (w[0].equals("member")) {
                members.add(new Member(Integer.parseInt(w[1]), w[2], w[3], w.length < 8 ? Optional.empty() : Optional.of(Path.of(w[7])), w[4].equals("-") ? Optional.empty() : Optional.of(Path.of(w[4])),
                        w[5].equals("-") ? List.of() : addresses(w[5]), Integer.parseInt(w[6])));
            } else {
                List<Handling> handlings = Arrays.stream(w[6].split(";")).map(PlanText::handling).toList();
                frontends.add(new Frontend(w[1], addresses(w[3]), Integer.parseInt(w[4]), Transport.valueOf(w[2]), w[5].equals("closed"),
                        w[5].equals("affinity"), handlings));
            }
        }
        return new SteeringPlan(generation, frontends, members);
    }

    private static Handling handling(String text) {
        String[] parts = text.split("=");
        List<Slot> slots = parts.length < 3 ? List.of() : Arrays.stream(parts[2].split("\\+")).map(slot -> {
            String[] s = slot.split("/");
            return new Slot(s[0].equals("none") ? Optional.empty() : Optional.of(new InetSocketAddress(address(s[0]), Integer.parseInt(s[1]))), Integer.parseInt(s[2]));
        }).toList();
        return new Handling(Integer.parseInt(parts[0]), Mode.valueOf(parts[1]), slots);
    }

    private static List<InetAddress> addresses(String text) {
        return Arrays.stream(text.split(",")).map(PlanText::address).toList();
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException notNumeric) {
            throw new IllegalArgumentException(text, notNumeric);
        }
    }

    /** Steered frontends at consecutive addresses. */
    static List<String> steered(String firstAddress, int count, String down) {
        List<String> lines = new ArrayList<>();
        byte[] raw = address(firstAddress).getAddress();
        for (int i = 0; i < count; i++) {
            try {
                lines.add("frontend t/s" + firstAddress + "+" + i + ":80 TCP " + InetAddress.getByAddress(raw).getHostAddress() + " 80 " + down + " 0=STEER");
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
            if (++raw[raw.length - 1] == 0) raw[raw.length - 2]++;
        }
        return lines;
    }
}
