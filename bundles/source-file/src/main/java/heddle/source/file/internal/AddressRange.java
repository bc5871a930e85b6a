package heddle.source.file.internal;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Predicate;

/** A CIDR range from which names get addresses: the same name gets the same one as long as no other has it. */
record AddressRange(BigInteger first, BigInteger size, int bytes, String cidr) {
    /** Tries before the range is walked through. */
    private static final int HASHED_TRIES = 64;

    /** @throws IllegalArgumentException naming the text, when it is no CIDR range with room for two addresses */
    static AddressRange parse(String cidr) {
        int slash = cidr.indexOf('/');
        try {
            InetAddress address = InetAddress.ofLiteral(cidr.substring(0, Math.max(slash, 0)));
            byte[] raw = address.getAddress();
            int free = raw.length * 8 - Integer.parseInt(cidr.substring(slash + 1));
            if (free < 2 || free > raw.length * 8) {
                throw new IllegalArgumentException("size");
            }
            BigInteger size = BigInteger.ONE.shiftLeft(free);
            BigInteger base = new BigInteger(1, raw);
            return new AddressRange(base.subtract(base.mod(size)), size, raw.length, cidr);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + cidr + "\" (expected: a CIDR range such as 127.96.0.0/16)", e);
        }
    }

    boolean contains(InetAddress address) {
        byte[] raw = address.getAddress();
        BigInteger value = new BigInteger(1, raw);
        return raw.length == bytes && value.compareTo(first) >= 0 && value.compareTo(first.add(size)) < 0;
    }

    /** A free address for {@code name}, never the range's first or last.
     *  @throws IllegalStateException when none is free */
    InetAddress pick(String name, Predicate<InetAddress> taken) {
        BigInteger room = size.subtract(BigInteger.TWO);
        BigInteger start = BigInteger.ZERO;
        for (int attempt = 0; attempt < HASHED_TRIES; attempt++) {
            start = hash(name + "#" + attempt).mod(room);
            InetAddress address = at(start);
            if (!taken.test(address)) {
                return address;
            }
        }
        for (BigInteger offset = BigInteger.ZERO; offset.compareTo(room) < 0; offset = offset.add(BigInteger.ONE)) {
            InetAddress address = at(start.add(offset).mod(room));
            if (!taken.test(address)) {
                return address;
            }
        }
        throw new IllegalStateException("no address is left in " + cidr);
    }

    private InetAddress at(BigInteger offset) {
        byte[] value = first.add(BigInteger.ONE).add(offset).toByteArray();
        byte[] raw = new byte[bytes];
        int length = Math.min(value.length, bytes);
        System.arraycopy(value, value.length - length, raw, bytes - length, length);
        try {
            return InetAddress.getByAddress(raw);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BigInteger hash(String text) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
