#!/usr/bin/env python3
"""Two meshes in one cluster, on one node: each has the namespaces that its label selector (kube.meshNamespaces) says, its own XMesh, Lease, hooks and
status; a namespace that changes its label changes its mesh.

    itest/conformance/meshes.py

Needs root and the built lab (lab.py)."""
import os, sys, time
from lab import GATEWAY, Asker, Collector, Daemon, echo, lab, namespace, route, running, service, wait

def mesh(work, name, admin):
    """A daemon of a second release of the chart: its own name, namespaces, cgroup and pins."""
    return Daemon(work, name=name, admin=admin, settings=[f"kube.meshName={name}", f"kube.meshNamespaces=mesh={name}"])


def served(daemon):
    return sum(daemon.metrics("heddle_requests_total").values())


def conditions(item):
    return [(parent["controllerName"], each["type"], each["status"]) for parent in item.get("status", {}).get("parents", []) for each in parent["conditions"]]


def main():
    with lab(daemon=False) as (api, unused):
        one, two = mesh(unused.work, "mesh-one", 15020), mesh(unused.work, "mesh-two", 15021)
        spaces = {"lab-one": "mesh-one", "lab-two": "mesh-two", "lab-none": ""}
        collector = Collector()
        try:
            for space, name in spaces.items():
                namespace(api, space, {"mesh": name} if name else {})
                api.create(f"/api/v1/namespaces/{space}/pods", echo("echo"))
                api.create(f"/api/v1/namespaces/{space}/services", service("echo", "echo"))
                api.create(f"{GATEWAY}/namespaces/{space}/httproutes", route("echo", "echo", "echo", "/", space, space))
            one.start()
            two.start()
            wait("the echo pods", lambda: all(running(api, "echo", space) for space in spaces), 60)
            asks = {space: Asker(api, collector, "asks", api.get(f"/api/v1/namespaces/{space}/services/echo")["spec"]["clusterIP"], space) for space in spaces}
            last = lambda space: asks[space].last()[1]
            marks = lambda space: {mark for _, mark in asks[space].answers(time.time() - 2)}
            wait("each namespace in its mesh", lambda: [asks[space].last() for space in spaces] == [("200", "lab-one"), ("200", "lab-two"), ("200", "none")], 30)
            time.sleep(3)
            seen = {space: marks(space) for space in spaces}
            assert seen == {"lab-one": {"lab-one"}, "lab-two": {"lab-two"}, "lab-none": {"none"}}, seen
            print("two meshes on one node: each namespace's pods are steered by its own, pods of neither are left alone")

            get = lambda space: api.get(f"{GATEWAY}/namespaces/{space}/httproutes/echo")
            programmed = lambda space: ("heddle.io/mesh-controller", "heddle.io/Programmed", "True") in conditions(get(space))
            wait("both routes in force", lambda: programmed("lab-one") and programmed("lab-two"), 30)
            assert not conditions(get("lab-none")), conditions(get("lab-none"))
            versions = [get(space)["metadata"]["resourceVersion"] for space in spaces]
            time.sleep(5)
            assert versions == [get(space)["metadata"]["resourceVersion"] for space in spaces], "somebody goes on writing status"
            meshes = {each["metadata"]["name"]: each["status"]["conditions"][0]["status"] for each in api.get("/apis/gateway.networking.x-k8s.io/v1alpha1/xmeshes")["items"]}
            assert meshes.items() >= {"mesh-one": "True", "mesh-two": "True"}.items(), meshes
            leads = [each.metrics("heddle_kube_leader").get("", 0) for each in (one, two)]
            assert leads == [1, 1], leads
            print(f"XMeshes {sorted(meshes)}; each mesh writes the status of its own routes, none of the third namespace's, and stops writing")

            before = served(two)
            api.merge("/api/v1/namespaces/lab-one", {"metadata": {"labels": {"mesh": "mesh-two"}}})
            wait("the other mesh serves lab-one", lambda: served(two) - before > 0 and last("lab-one") == "lab-one", 20)
            rest = served(one)      # or 0 later: the series of a route that left go
            time.sleep(3)
            assert served(one) <= rest, f"mesh-one goes on serving: {served(one) - rest}"
            assert marks("lab-one") == {"lab-one"}, marks("lab-one")
            api.merge(f"{GATEWAY}/namespaces/lab-one/httproutes/echo", {"spec": route("echo", "echo", "echo", "/", "again", "lab-one")["spec"]})
            wait("the change in force", lambda: last("lab-one") == "again" and ("heddle.io/Programmed", "True", 2) in
                 [(each["type"], each["status"], each["observedGeneration"]) for parent in get("lab-one")["status"]["parents"] for each in parent["conditions"]], 20)
            version = get("lab-one")["metadata"]["resourceVersion"]
            time.sleep(5)
            assert version == get("lab-one")["metadata"]["resourceVersion"], "two meshes write the status of one route"
            print("a namespace that changed its label is served by the other mesh, and no longer by the first")
        finally:
            for each in (one, two):
                each.stop()
            for space in spaces:
                api.call("DELETE", f"/api/v1/namespaces/{space}")
            for each in ("mesh-one", "mesh-two"):
                api.call("DELETE", f"/apis/gateway.networking.x-k8s.io/v1alpha1/xmeshes/{each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
