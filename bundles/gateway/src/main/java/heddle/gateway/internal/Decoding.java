package heddle.gateway.internal;

import heddle.api.model.CustomObject;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.source.SourceProblem;
import heddle.gateway.Decoded;
import heddle.gateway.Document;
import heddle.gateway.ExtensionDecoder;
import heddle.gateway.ServiceDetails;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One call of the decoder: walks documents and Lists, hands each object to its kind's decoder, collects what comes out. */
public final class Decoding {
    private static final TextRule API_VERSION = new TextRule("VERSION or GROUP/VERSION", 1, 317,
            text -> text.indexOf('/') == text.lastIndexOf('/') && !text.startsWith("/") && !text.endsWith("/"));

    private final String origin;
    private final Map<String, ExtensionDecoder> extensions;
    private final List<MeshObject> objects = new ArrayList<>();
    private final Map<ObjectKey, ServiceDetails> details = new HashMap<>();
    private final List<SourceProblem> problems = new ArrayList<>();
    private final List<SourceProblem> notes = new ArrayList<>();
    private final Set<ObjectKey> refused = new HashSet<>();
    private boolean unidentified;

    public Decoding(String origin, Map<String, ExtensionDecoder> extensions) {
        this.origin = origin;
        this.extensions = extensions;
    }

    public Decoded result() {
        return new Decoded(objects, details, problems, notes, refused, unidentified);
    }

    public void document(Document document) {
        Tree json = JsonText.read(document.text(), document.line());
        if (json != null) {
            tree(json);
            return;
        }
        try {
            for (Tree tree : YamlText.read(document.text(), document.line())) {
                if (!Tree.isNull(tree)) {
                    tree(tree);
                }
            }
        } catch (BrokenTextException e) {
            broken(new SourceProblem(origin + ":" + e.line(), "", "", String.valueOf(e.getMessage())));
        }
    }

    public void object(Map<String, ?> object) {
        tree(Tree.of(object));
    }

    /** Something that cannot be given a name. */
    public void broken(SourceProblem problem) {
        problems.add(problem);
        unidentified = true;
    }

    private void tree(Tree tree) {
        Report report = new Report(origin);
        Spot root = Spot.root(tree, report);
        root.isObject();
        String apiVersion = root.required("apiVersion", "a group and version").text(API_VERSION, "");
        String kind = root.required("kind", "a kind").text(Rules.KIND, "");
        if (!report.isGood()) {
            report.problems().forEach(this::broken);
            return;
        }
        Spot items = root.field("items");
        if (kind.endsWith("List") && items.present()) {
            items.items(0, Integer.MAX_VALUE).forEach(item -> {
                if (item.tree() != null) {
                    tree(item.tree());
                }
            });
            report.problems().forEach(this::broken);
            return;
        }
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        object(root, report, group, kind, apiVersion.substring(slash + 1));
    }

    private void object(Spot root, Report report, String group, String kindName, String version) {
        Kinds.Kind kind = Kinds.of(group, kindName);
        boolean service = group.isEmpty() && kindName.equals("Service");
        if (kind == null && !service && Kinds.isIrrelevant(group)) {
            Spot name = root.field("metadata").field("name");
            notes.add(new SourceProblem(report.where(root.line()), kindName + " " + (name.tree() instanceof Tree.Scalar scalar ? scalar.text() : "?"), "",
                    "passed over: the mesh does not read " + (group.isEmpty() ? "" : group + "/") + version + " " + kindName));
            return;
        }
        report.object(kindName);
        if (kindName.equals("Secret")) {
            report.hideValues();
        }
        Metadata metadata = MetadataReader.read(root, kindName, kind == null ? !Kinds.isClusterScoped(kindName) : kind.namespaced());
        report.object(metadata.key().name().isEmpty() ? kindName : metadata.key().toString());
        root.ignore("status");
        if (service) {
            ServiceDecoder.Decoded decoded = ServiceDecoder.decode(root, metadata);
            finish(root, report, decoded.service());
            if (report.isGood()) {
                details.put(decoded.service().key(), decoded.details());
            }
        } else if (kind == null) {
            finish(root, report, custom(root, report, metadata, group, version));
        } else {
            if (!kind.versions().contains(version)) {
                root.field("apiVersion").fail(String.join(" or ", kind.versions()) + " of " + (group.isEmpty() ? "core" : group));
            }
            finish(root, report, kind.decoder().decode(root, metadata, version));
        }
    }

    private void finish(Spot root, Report report, MeshObject object) {
        root.done();
        problems.addAll(report.problems());
        if (!report.isGood()) {
            if (object.name().isEmpty()) {
                unidentified = true;
            } else {
                refused.add(Decoded.identity(object));
            }
            return;
        }
        if (object instanceof Route route) {
            objects.add(report.warnings().isEmpty() ? route : withWarnings(route, report.warnings()));
            return;
        }
        objects.add(object);
        report.warnings().forEach(warning -> notes.add(new SourceProblem(warning.substring(0, warning.indexOf(": ")), object.key().toString(), "",
                warning.substring(warning.indexOf(": ") + 2))));
    }

    private CustomObject custom(Spot root, Report report, Metadata metadata, String group, String version) {
        CustomObject object = new CustomObject(metadata, group, version, root.field("spec").json());
        ExtensionDecoder extension = extensions.get(group + "/" + metadata.key().kind());
        if (extension != null && report.isGood()) {
            try {
                extension.check(object).forEach(fault -> report.problem(lineOf(root, fault.field()), fault.field(), fault.message()));
            } catch (RuntimeException | Error e) {             // one that lacks a class of its own must not end its source's thread
                root.problem("the decoder of " + extension.type() + " failed: " + e);
            }
        }
        return object;
    }

    /** The line of a field by its path, as far as the path leads. */
    private static int lineOf(Spot root, String path) {
        Spot spot = root;
        for (String step : path.isEmpty() ? new String[0] : path.split("\\.")) {
            int bracket = step.indexOf('[');
            Spot next = spot.field(bracket < 0 ? step : step.substring(0, bracket));
            if (!next.present()) {
                break;
            }
            spot = next;
            while (bracket >= 0) {
                int close = step.indexOf(']', bracket);
                List<Spot> items = close < 0 ? List.of() : spot.items(0, Integer.MAX_VALUE);
                int index = close < 0 ? -1 : (int) Scalars.integer(step.substring(bracket + 1, close));
                if (index < 0 || index >= items.size()) {
                    return spot.line();
                }
                spot = items.get(index);
                bracket = step.indexOf('[', close);
            }
        }
        return spot.line();
    }

    private static Route withWarnings(Route route, List<String> warnings) {
        return switch (route) {
            case HttpRoute r -> new HttpRoute(r.metadata(), r.parentRefs(), r.hostnames(), r.rules(), warnings);
            case GrpcRoute r -> new GrpcRoute(r.metadata(), r.parentRefs(), r.hostnames(), r.rules(), warnings);
            case TlsRoute r -> new TlsRoute(r.metadata(), r.parentRefs(), r.hostnames(), r.rules(), warnings);
            case TcpRoute r -> new TcpRoute(r.metadata(), r.parentRefs(), r.rules(), warnings);
            case UdpRoute r -> new UdpRoute(r.metadata(), r.parentRefs(), r.rules(), warnings);
        };
    }
}
