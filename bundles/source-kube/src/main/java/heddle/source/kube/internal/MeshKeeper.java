package heddle.source.kube.internal;

import heddle.api.source.Condition;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Our XMesh: made when there is none of our name, never edited, its status kept true. The leader's work; called from the XMesh watch and
 *  when this daemon begins to lead. Rules: geps/gep-3949 "Life Cycle"; SPEC.md S6, S7. */
final class MeshKeeper {
    /** Names from pkg/features that Heddle really has, in the order that the CRD demands. */
    static final List<String> FEATURES = List.of(
            "GRPCRoute", "HTTPRoute", "HTTPRoute303RedirectStatusCode", "HTTPRoute307RedirectStatusCode", "HTTPRoute308RedirectStatusCode",
            "Mesh", "MeshClusterIPMatching", "MeshConsumerRoute", "MeshHTTPRouteBackendRequestHeaderModification", "MeshHTTPRouteNamedRouteRule",
            "MeshHTTPRouteQueryParamMatching", "MeshHTTPRouteRedirectPath", "MeshHTTPRouteRedirectPort", "MeshHTTPRouteRewritePath",
            "MeshHTTPRouteSchemeRedirect");
    private static final String PATH = "/apis/" + Resource.GATEWAY_X + "/v1alpha1/xmeshes";
    private static final Logger LOG = System.getLogger(MeshKeeper.class.getName());

    private final KubeApi api;
    private final String name;
    private final String message;
    private final ReentrantLock writing = new ReentrantLock();
    private boolean listed;
    private Optional<Map<String, Object>> mesh = Optional.empty();

    /** @param namespace where Heddle is installed, for the Accepted message */
    MeshKeeper(KubeApi api, String name, String version, String namespace) {
        this.api = api;
        this.name = name;
        this.message = "Heddle " + version + " in namespace " + namespace;
    }

    /** What the watch shows under our name; absent = there is none. */
    synchronized void seen(List<Map<String, Object>> all) {
        listed = true;
        mesh = all.stream().filter(this::isOurs).findFirst();
    }

    synchronized void changed(Map<String, Object> object, boolean deleted) {
        if (isOurs(object)) {
            mesh = deleted ? Optional.empty() : Optional.of(object);
        }
    }

    /** The server does not have the kind. */
    synchronized void missing() {
        listed = false;
    }

    private boolean isOurs(Map<String, Object> object) {
        return Fields.text(Fields.map(object, "metadata"), "name").equals(name);
    }

    /** Makes it, or brings its status to what it should be. Blocks: not from a watch's thread. */
    void keep() {
        writing.lock();
        try {
            Optional<Map<String, Object>> now;
            synchronized (this) {
                if (!listed) {
                    return;
                }
                now = mesh;
            }
            if (now.isEmpty()) {
                api.send("POST", PATH, "application/json", Json.text(Map.of("apiVersion", Resource.GATEWAY_X + "/v1alpha1", "kind", "XMesh",
                        "metadata", Map.of("name", name), "spec", Map.of("controllerName", ParentStatus.CONTROLLER))));
                LOG.log(Level.INFO, "XMesh {0} made", name);
                return;   // the watch brings it, then its status is written
            }
            writeStatus(now.get());
        } catch (KubeException e) {
            LOG.log(e.code() == 409 ? Level.DEBUG : Level.WARNING, "XMesh {0}: {1}", name, e.getMessage());
        } finally {
            writing.unlock();
        }
    }

    private void writeStatus(Map<String, Object> object) throws KubeException {
        String controller = Fields.text(Fields.map(object, "spec"), "controllerName");
        if (!controller.equals(ParentStatus.CONTROLLER)) {
            LOG.log(Level.WARNING, "XMesh {0} belongs to controller {1} and is left alone; set kube.meshName to use another name", name, controller);
            return;
        }
        Map<String, Object> meta = Fields.map(object, "metadata");
        Map<String, Object> status = Fields.map(object, "status");
        List<Map<String, Object>> conditions = ParentStatus.conditions(Fields.list(status, "conditions"),
                List.of(new Condition("Accepted", "True", "Accepted", message, Fields.number(meta, "generation"))), Instant.now());
        List<Map<String, Object>> features = FEATURES.stream().map(each -> Map.<String, Object>of("name", each)).toList();
        if (conditions.equals(Fields.list(status, "conditions")) && features.equals(Fields.list(status, "supportedFeatures"))) {
            return;
        }
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("metadata", Map.of("resourceVersion", Fields.text(meta, "resourceVersion")));
        patch.put("status", Map.of("conditions", conditions, "supportedFeatures", features));
        api.send("PATCH", PATH + "/" + name + "/status", "application/merge-patch+json", Json.text(patch));
    }
}
