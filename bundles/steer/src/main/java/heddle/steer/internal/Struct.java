package heddle.steer.internal;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The layout of one C struct, and values of it as byte arrays of native order, padding zero. Immutable. */
final class Struct {
    private record Field(int offset, int size) {}

    private final StructLayout layout;
    private final Map<String, Field> fields = new LinkedHashMap<>();

    Struct(String name, MemoryLayout... members) {
        layout = MemoryLayout.structLayout(members).withName(name);
        for (MemoryLayout member : members) {
            String field = member.name().orElseThrow();
            fields.put(field, new Field((int) layout.byteOffset(PathElement.groupElement(field)), (int) member.byteSize()));
        }
    }

    static MemoryLayout u8(String name) {
        return ValueLayout.JAVA_BYTE.withName(name);
    }

    static MemoryLayout u16(String name) {
        return ValueLayout.JAVA_SHORT.withName(name);
    }

    static MemoryLayout u32(String name) {
        return ValueLayout.JAVA_INT.withName(name);
    }

    static MemoryLayout u64(String name) {
        return ValueLayout.JAVA_LONG.withName(name);
    }

    static MemoryLayout bytes(String name, int count) {
        return MemoryLayout.sequenceLayout(count, ValueLayout.JAVA_BYTE).withName(name);
    }

    StructLayout layout() {
        return layout;
    }

    int size() {
        return (int) layout.byteSize();
    }

    Value value() {
        return new Value(new byte[size()]);
    }

    Value read(byte[] bytes) {
        if (bytes.length != size()) throw new IllegalArgumentException(bytes.length + " bytes (expected: " + size() + ") for " + layout.name().orElseThrow());
        return new Value(bytes);
    }

    Value read(MemorySegment segment) {
        return read(segment.asSlice(0, size()).toArray(ValueLayout.JAVA_BYTE));
    }

    /** One value. Not thread-safe. */
    final class Value {
        private final ByteBuffer buffer;

        private Value(byte[] bytes) {
            buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        }

        private Field field(String name) {
            Field field = fields.get(name);
            if (field == null) throw new IllegalArgumentException("no field " + name + " in " + layout);
            return field;
        }

        Value set(String name, long number) {
            Field field = field(name);
            switch (field.size) {
                case 1 -> buffer.put(field.offset, (byte) number);
                case 2 -> buffer.putShort(field.offset, (short) number);
                case 4 -> buffer.putInt(field.offset, (int) number);
                default -> buffer.putLong(field.offset, number);
            }
            return this;
        }

        /** A 16-bit field in network order. */
        Value setPort(String name, int port) {
            int at = field(name).offset;
            buffer.put(at, (byte) (port >> 8)).put(at + 1, (byte) port);
            return this;
        }

        Value setBytes(String name, byte[] bytes) {
            Field field = field(name);
            if (bytes.length != field.size) throw new IllegalArgumentException(bytes.length + " bytes for " + name + " (expected: " + field.size + ")");
            buffer.put(field.offset, bytes);
            return this;
        }

        long get(String name) {
            Field field = field(name);
            return switch (field.size) {
                case 1 -> buffer.get(field.offset) & 0xffL;
                case 2 -> buffer.getShort(field.offset) & 0xffffL;
                case 4 -> buffer.getInt(field.offset) & 0xffffffffL;
                default -> buffer.getLong(field.offset);
            };
        }

        int port(String name) {
            int at = field(name).offset;
            return (buffer.get(at) & 0xff) << 8 | buffer.get(at + 1) & 0xff;
        }

        byte[] bytes(String name) {
            Field field = field(name);
            byte[] bytes = new byte[field.size];
            buffer.get(field.offset, bytes);
            return bytes;
        }

        byte[] array() {
            return buffer.array();
        }
    }
}
