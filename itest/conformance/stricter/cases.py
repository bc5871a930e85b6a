"""The cases: NAME, source, manifests, checks. A check is a request from a client pod and what is expected of the answer, or conditions of a route.
Paths in the upstream repository: H = apis/v1/httproute_types.go, S = apis/v1/shared_types.go, gNNNN = geps/gep-NNNN."""

NS, OTHER = "stricter", "stricter-other"


def route(name, rules, parents=None, kind="HTTPRoute", namespace=NS, **spec):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace},
            "spec": {"parentRefs": parents or [{"group": "", "kind": "Service", "name": "echo", "port": 80}], "rules": rules, **spec}}


def to(*names, **more):
    return [{"name": name, "port": 80, **more} for name in names]


def rule(path=None, backends=None, filters=None, **more):
    body = dict(more)
    if path:
        body["matches"] = [{"path": {"type": "PathPrefix", "value": path}}]
    if backends is not None:
        body["backendRefs"] = backends
    if filters:
        body["filters"] = filters
    return body


def redirect(**fields):
    return [{"type": "RequestRedirect", "requestRedirect": fields}]


def rewrite(**fields):
    return [{"type": "URLRewrite", "urlRewrite": fields}]


def prefix(value):
    return {"type": "ReplacePrefixMatch", "replacePrefixMatch": value}


def full(value):
    return {"type": "ReplaceFullPath", "replaceFullPath": value}


def ask(url, code=200, client=NS, **expect):
    """expect: location, path and host as the backend saw them, backend (the pod's name begins so), headers sent by `send`, body of none."""
    return {"ask": url, "code": code, "client": client, **expect}


def condition(name, kind="httproute", namespace=NS, absent=False, **wanted):
    """wanted: TYPE=(status, reason[, message begins with])"""
    return {"condition": name, "kind": kind, "namespace": namespace, "absent": absent, "wanted": wanted}


OK = {"Accepted": ("True", "Accepted"), "ResolvedRefs": ("True", "ResolvedRefs")}


def grant(routes, backends):
    """Lets HTTPRoutes of one namespace name Services of another; without effect where a mesh demands none."""
    return {"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant", "metadata": {"name": "grant", "namespace": backends},
            "spec": {"from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": routes}], "to": [{"group": "", "kind": "Service"}]}}


CASES = [
    ("RedirectLocation", "H HTTPRequestRedirectFilter: scheme, hostname, port, path; the well-known port is left out", [
        route("r", [rule("/host", filters=redirect(hostname="example.org")), rule("/scheme", filters=redirect(scheme="https")),
                    rule("/port", filters=redirect(port=8083)), rule("/port80", filters=redirect(scheme="http", port=80)),
                    rule("/https443", filters=redirect(scheme="https", port=443)), rule("/full", filters=redirect(path=full("/new"))),
                    rule("/prefix", filters=redirect(path=prefix("/moved"), statusCode=301)), rule("/code", filters=redirect(statusCode=307))])], [
        ask("http://echo/host/a?b=c", 302, location="http://example.org/host/a?b=c"),
        ask("http://echo/scheme", 302, location="https://echo/scheme"),
        ask("http://echo/port/x", 302, location="http://echo:8083/port/x"),
        ask("http://echo/port80", 302, location="http://echo/port80"),
        ask("http://echo/https443", 302, location="https://echo/https443"),
        ask("http://echo/full/a/b", 302, location="http://echo/new"),
        ask("http://echo/prefix/a/b", 301, location="http://echo/moved/a/b"),
        ask("http://echo/code/x", 307, location="http://echo/code/x"),
        condition("r", **OK)]),
    ("RewrittenPathAndHost", "H HTTPURLRewriteFilter, HTTPPathModifier's table: what the backend saw", [
        route("r", [rule("/old", to("echo-v1"), rewrite(path=prefix("/new"))), rule("/strip", to("echo-v1"), rewrite(path=prefix("/"))),
                    rule("/full", to("echo-v1"), rewrite(path=full("/one"))), rule("/host", to("echo-v1"), rewrite(hostname="inner.example")),
                    rule("/plain", to("echo-v1"))])], [
        ask("http://echo/old/x/y?q=1", path="/new/x/y?q=1"), ask("http://echo/old", path="/new"), ask("http://echo/strip/z", path="/z"),
        ask("http://echo/strip", path="/"), ask("http://echo/full/any/thing?q=1", path="/one?q=1"),
        ask("http://echo/host/h", path="/host/h", host="inner.example"), ask("http://echo/plain/h", path="/plain/h", host="echo"),
        ask("http://echo/older", 404)]),
    ("NoMatchIs404", "g1686: routes replace implicit routing", [route("r", [rule("/only", to("echo-v1"))])],
        [ask("http://echo/only", backend="echo-v1"), ask("http://echo/other", 404), ask("http://echo/onlyish", 404)]),
    ("MissingBackend", "H BackendRefs; S BackendNotFound, InvalidKind: 500 for its share, the route stays accepted", [
        route("r", [rule("/none", to("absent")), rule("/port", [{"name": "echo-v1", "port": 9999}]),
                    rule("/kind", [{"group": "example.org", "kind": "Bucket", "name": "b"}]), rule("/good", to("echo-v1"))])], [
        ask("http://echo/none", 500), ask("http://echo/port", 500), ask("http://echo/kind", 500), ask("http://echo/good", backend="echo-v1"),
        condition("r", Accepted=("True", "Accepted"), ResolvedRefs=("False", ("BackendNotFound", "InvalidKind")))]),
    ("MissingBackendKeepsItsShare", "H BackendRefs: half is 500, the other half is served", [
        route("r", [rule("/", [{"name": "absent", "port": 80, "weight": 1}, {"name": "echo-v1", "port": 80, "weight": 1}])])],
        [{"share": "http://echo/", "client": NS, "codes": {"500": (30, 70), "200": (30, 70)}, "times": 100}]),
    ("InvalidKindReason", "S RouteReasonInvalidKind", [route("r", [rule("/", [{"group": "example.org", "kind": "Bucket", "name": "b"}])])],
        [condition("r", Accepted=("True", "Accepted"), ResolvedRefs=("False", "InvalidKind"))]),
    ("ZeroWeights", "S BackendRef: no share at all; 500 [implementation]", [
        route("r", [rule("/zero", [{"name": "echo-v1", "port": 80, "weight": 0}]), rule("/rest", [{"name": "echo-v1", "port": 80, "weight": 0}, {"name": "echo-v2", "port": 80}])])],
        [ask("http://echo/zero", 500), ask("http://echo/rest", backend="echo-v2")]),
    ("NoEndpoints", "H BackendRefs: a Service without endpoints SHOULD be 503", [route("r", [rule("/", to("empty"))])], [ask("http://echo/", (503, 500)), condition("r", **OK)]),
    ("NoSuchPort", "S RouteReasonNoMatchingParent; g1294 Ports", [
        route("r", [rule("/", to("echo-v1"))], parents=[{"group": "", "kind": "Service", "name": "echo", "port": 4711}])],
        [condition("r", Accepted=("False", "NoMatchingParent"))]),
    ("SectionName", "S ParentReference sectionName: a port's name", [
        route("r", [rule("/", to("echo-v2"))], parents=[{"group": "", "kind": "Service", "name": "echo", "sectionName": "http"}]),
        route("wrong", [rule("/", to("echo-v1"))], parents=[{"group": "", "kind": "Service", "name": "echo", "sectionName": "nope"}])],
        [ask("http://echo/", backend="echo-v2"), condition("r", **OK), condition("wrong", Accepted=("False", "NoMatchingParent"))]),
    ("MissingParent", "S RouteStatus: no entry for a parent that is not there", [
        route("r", [rule("/", to("echo-v1"))], parents=[{"group": "", "kind": "Service", "name": "absent"}])], [condition("r", absent=True)]),
    ("ParentWithoutGroup", "S ParentReference: the default group is no Service's", [
        route("r", [rule("/", to("echo-v1"))], parents=[{"kind": "Service", "name": "echo"}])], [condition("r", absent=True), ask("http://echo/", backend="echo-")]),
    ("ConsumerOverProducer", "g1294 Namespace boundaries: a client's namespace with consumer routes uses only those", [
        grant(OTHER, NS), route("producer", [rule("/both", to("echo-v1")), rule("/producer", to("echo-v1"))]),
        route("consumer", [rule("/both", [{"name": "echo-v2", "namespace": NS, "port": 80}])], namespace=OTHER,
              parents=[{"group": "", "kind": "Service", "name": "echo", "namespace": NS, "port": 80}])], [
        ask(f"http://echo.{NS}/both", client=OTHER, backend="echo-v2"), ask(f"http://echo.{NS}/producer", 404, client=OTHER),
        ask("http://echo/both", backend="echo-v1"), ask("http://echo/producer", backend="echo-v1")]),
    ("KindConflict", "g1294 Route types: GRPCRoute over HTTPRoute on one port; the loser says Conflicted", [
        route("http", [rule("/", to("echo-v1"))], parents=[{"group": "", "kind": "Service", "name": "echo", "port": 7070}]),
        route("grpc", [{"backendRefs": [{"name": "echo-v2", "port": 7070}]}], kind="GRPCRoute", parents=[{"group": "", "kind": "Service", "name": "echo", "port": 7070}])],
        [condition("grpc", "grpcroute", **OK), condition("http", Accepted=("False", "Conflicted"))]),
    ("PartiallyInvalid", "S RouteConditionPartiallyInvalid: the good rules stay [implementation]", [
        route("r", [rule("/good", to("echo-v1")), {"matches": [{"path": {"type": "RegularExpression", "value": "/(unclosed"}}], "backendRefs": to("echo-v2")}])],
        [ask("http://echo/good", backend="echo-v1"), condition("r", Accepted=("True", "Accepted"), PartiallyInvalid=("True", None, "Dropped Rule"))]),
    ("UnknownFilterIsNotSkipped", "H HTTPRouteFilter.Type: an unresolved filter gives an error, other rules work", [
        route("r", [rule("/filtered", to("echo-v1"), [{"type": "ExtensionRef", "extensionRef": {"group": "example.org", "kind": "Absent", "name": "x"}}]), rule("/good", to("echo-v1"))])],
        [ask("http://echo/filtered", 500), ask("http://echo/good", backend="echo-v1")]),
    ("Precedence", "H Matches: exact, longest prefix, method, most headers", [
        route("r", [rule("/a", to("echo-v2")), {"matches": [{"path": {"type": "Exact", "value": "/a/b"}}], "backendRefs": to("echo-v1")},
                    {"matches": [{"path": {"type": "PathPrefix", "value": "/a/b"}}], "backendRefs": to("echo-v2")},
                    {"matches": [{"path": {"type": "PathPrefix", "value": "/m"}}], "backendRefs": to("echo-v2")},
                    {"matches": [{"path": {"type": "PathPrefix", "value": "/m"}, "headers": [{"name": "x-one", "value": "1"}]}], "backendRefs": to("echo-v1")}])],
        [ask("http://echo/a/b", backend="echo-v1"), ask("http://echo/a/b/c", backend="echo-v2"), ask("http://echo/m", backend="echo-v2"),
         ask("http://echo/m", send={"X-One": "1"}, backend="echo-v1")]),
    ("WithoutGrant", "g1294: backends in other namespaces need no grant in a mesh", [
        route("r", [rule("/", [{"name": "echo-other", "namespace": OTHER, "port": 80}])])], [ask("http://echo/", backend="echo-other"), condition("r", **OK)]),
    ("GrantDemanded", "H BackendRefs, S RefNotPermitted: without a grant 500", [
        route("r", [rule("/", [{"name": "echo-other", "namespace": OTHER, "port": 80}])])],
        [ask("http://echo/", 500), condition("r", Accepted=("True", "Accepted"), ResolvedRefs=("False", "RefNotPermitted"))]),
    ("GrantGiven", "referencegrant_types.go", [grant(NS, OTHER), route("r", [rule("/", [{"name": "echo-other", "namespace": OTHER, "port": 80}])])],
        [ask("http://echo/", backend="echo-other"), condition("r", **OK)]),
]
