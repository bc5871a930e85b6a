package heddle.source.file.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceProblem;
import heddle.gateway.ManifestDecoder;
import heddle.gateway.ServiceDetails;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All manifest files at one time. Immutable; {@link #look} makes the next one and reads only what may have changed. */
final class ManifestSet {
    /** What tells without reading that a file is still the same. A name in a change event is read in any case. */
    private record Stamp(long size, long modifiedNanos, @Nullable Object key) {}

    private record Known(Stamp stamp, ManifestFile file) {}

    static final ManifestSet EMPTY = new ManifestSet(Map.of(), List.of());

    private final Map<Path, Known> files;
    private final List<ManifestFolders.Missing> missing;

    private ManifestSet(Map<Path, Known> files, List<ManifestFolders.Missing> missing) {
        this.files = files;
        this.missing = missing;
    }

    /** @param touched names of files that changed, null = any may have */
    ManifestSet look(ManifestFolders folders, ManifestDecoder decoder, @Nullable Set<Path> touched) {
        ManifestFolders.Listing listing = folders.list();
        boolean linksMoved = touched != null && touched.stream().anyMatch(name -> name.toString().startsWith(".."));
        Map<Path, Known> next = new LinkedHashMap<>();
        for (Path path : listing.files()) {
            Known before = files.get(path);
            boolean read = touched == null || before != null && !before.file.isOf(decoder) || linksMoved || touched.contains(path.getFileName()) || !touched.isEmpty() && Files.isSymbolicLink(path);
            Known now = known(path, before, read, decoder);
            if (now != null) {
                next.put(path, now);
            }
        }
        return new ManifestSet(next, listing.missing());
    }

    private static @Nullable Known known(Path path, @Nullable Known before, boolean read, ManifestDecoder decoder) {
        Optional<ManifestFile> old = Optional.ofNullable(before).map(Known::file);
        String origin = path.toString();
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            Stamp stamp = new Stamp(attributes.size(), attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS), attributes.fileKey());
            if (before != null && !read && stamp.equals(before.stamp)) {
                return before;
            }
            if (!attributes.isRegularFile()) {
                return new Known(stamp, ManifestFile.unreadable(decoder, origin, "is no regular file", old));
            }
            if (attributes.size() > ManifestDecoder.MAX_TEXT) {
                return new Known(stamp, ManifestFile.unreadable(decoder, origin, "has more than " + ManifestDecoder.MAX_TEXT + " bytes", old));
            }
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(path))).toString();
            if (before != null && before.file.holds(text) && before.file.isOf(decoder)) {
                return new Known(stamp, before.file);
            }
            return new Known(stamp, ManifestFile.read(decoder, origin, text, old));
        } catch (NoSuchFileException gone) {
            return Files.isSymbolicLink(path) ? new Known(new Stamp(-1, 0, null), ManifestFile.unreadable(decoder, origin, "is a link that leads nowhere", old)) : null;
        } catch (CharacterCodingException e) {
            return new Known(new Stamp(-1, 0, null), ManifestFile.unreadable(decoder, origin, "is no UTF-8 text", old));
        } catch (IOException e) {
            return new Known(new Stamp(-1, 0, null), ManifestFile.unreadable(decoder, origin, "cannot be read: " + e, old));
        }
    }

    /** True when, compared with {@code before}, a file is gone or looks as if somebody is still writing it. */
    boolean looksUnfinished(ManifestSet before) {
        return before.files.entrySet().stream().anyMatch(entry -> {
            Known now = files.get(entry.getKey());
            return now == null || now.file.looksUnfinished(entry.getValue().file);
        }) || files.entrySet().stream().anyMatch(entry -> !before.files.containsKey(entry.getKey()) && !entry.getValue().file.endsWithLine());
    }

    /** True when a file of {@code before} ends in the middle of a line now and has lost something. */
    boolean looksTorn(ManifestSet before) {
        return before.files.entrySet().stream().anyMatch(entry -> {
            Known now = files.get(entry.getKey());
            return now != null && now.file.looksTorn(entry.getValue().file);
        });
    }

    boolean isSame(ManifestSet other) {
        return missing.equals(other.missing) && files.size() == other.files.size() && new ArrayList<>(files.keySet()).equals(new ArrayList<>(other.files.keySet()))
                && files.entrySet().stream().allMatch(entry -> other.files.get(entry.getKey()).file == entry.getValue().file);
    }

    Set<Path> paths() {
        return files.keySet();
    }

    /** The objects of all files; of one that several have, the first file's. */
    Contents contents() {
        Map<ObjectKey, MeshObject> objects = new LinkedHashMap<>();
        Map<ObjectKey, ServiceDetails> details = new HashMap<>();
        List<SourceProblem> problems = new ArrayList<>();
        List<SourceProblem> notes = new ArrayList<>();
        missing.forEach(each -> problems.add(new SourceProblem(each.root().toString(), "", "", each.reason())));
        for (Known known : files.values()) {
            problems.addAll(known.file.problems());
            notes.addAll(known.file.notes());
            known.file.objects().forEach((identity, object) -> {
                MeshObject first = objects.putIfAbsent(identity, object);
                if (first != null) {
                    problems.add(new SourceProblem(object.metadata().origin(), object.key().toString(), "",
                            "is written in " + first.metadata().origin() + " too; that one is in force"));
                } else if (known.file.details().containsKey(object.key())) {
                    details.put(object.key(), known.file.details().get(object.key()));
                }
            });
        }
        return new Contents(objects, details, problems, notes);
    }

    record Contents(Map<ObjectKey, MeshObject> objects, Map<ObjectKey, ServiceDetails> details, List<SourceProblem> problems, List<SourceProblem> notes) {}
}
