#!/usr/bin/env python3
"""A vendor's kind on a real API server, with the sample filter JwtCheck (plugins-sdk/samples/jwt): a daemon with the chart's service account, the plugin deployed
while it runs, then the CRD, the right to watch it, an object, a change of it, and all of that taken away again; traffic and the route's status follow.

    itest/conformance/vendor.py

Needs root, the built lab (lab.py), helm or Go, openssl, and the sample's jar (mvn -pl plugins-sdk/samples/jwt -am package -DskipTests)."""
import base64, glob, json, os, subprocess, sys, time
from chart import SPACE, rendered, token_kubeconfig
from lab import GATEWAY, NS, ROOT, Asker, Collector, Daemon, backends, conf, lab, route, wait

SAMPLE = os.path.join(ROOT, "plugins-sdk", "samples", "jwt")
ROUTES = f"{GATEWAY}/namespaces/{NS}/httproutes"
CHECKS = f"/apis/samples.heddle.io/v1/namespaces/{NS}/jwtchecks"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Issuer:
    """Signs tokens with a key that lives as long as this; the daemon reads its public half from a file."""

    def __init__(self, folder):
        self.key, self.jwks = os.path.join(folder, "key.pem"), os.path.join(folder, "jwks.json")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout.strip().split("=")[1]
        with open(self.jwks, "w") as file:
            json.dump({"keys": [{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"}]}, file)

    def token(self, issuer):
        claims = {"iss": issuer, "sub": "user", "exp": int(time.time()) + 3600}
        text = ".".join(encoded(json.dumps(each).encode()) for each in ({"alg": "RS256", "kid": "k"}, claims))
        return text + "." + encoded(subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True, capture_output=True).stdout)


def condition(api, kind):
    for parent in api.get(f"{ROUTES}/guarded").get("status", {}).get("parents", []):
        for each in parent["conditions"]:
            if each["type"] == kind:
                return each["status"], each["reason"], each["message"]
    return ("none", "none", "none")


def apply(documents, *options):
    conf("kubectl", "apply", *options, "-f", "-", input=documents)


def expect(what, without, token, status=None, limit=60):
    """Both clients get these answers, and the route's condition is so."""
    began = time.time()
    try:
        wait(what, lambda: without[0].last()[0] == without[1] and token[0].last()[0] == token[1] and (status is None or status()), limit)
    except SystemExit as late:
        raise SystemExit(f"{late}: without a token {without[0].last()}, with one {token[0].last()}")
    print(f"{what}: without a token {without[1]}, with one {token[1]} (after {time.time() - began:.1f} s)", flush=True)


def story(api, daemon, issuer, jar):
    address = backends(api)
    collector = Collector()
    guarded = route("guarded", "echo", "echo-v1")
    guarded["spec"]["rules"][0]["filters"] = [{"type": "ExtensionRef", "extensionRef": {"group": "samples.heddle.io", "kind": "JwtCheck", "name": "users"}}]
    api.create(ROUTES, guarded)
    bare = Asker(api, collector, "bare", address)
    bearer = Asker(api, collector, "bearer", address, headers={"Authorization": "Bearer " + issuer.token("https://login.example")})
    both = lambda what, one, other, *more: expect(what, (bare, one), (bearer, other), *more)
    broken = lambda: condition(api, "ResolvedRefs")[0] == "False" or condition(api, "Accepted")[0] == "False" or condition(api, "PartiallyInvalid")[0] == "True"
    right = lambda: condition(api, "ResolvedRefs")[0] == "True" and condition(api, "Accepted")[0] == "True" and condition(api, "PartiallyInvalid")[0] != "True"

    both("a route that names a filter which nobody has", "500", "500", broken)
    told = daemon.cli("deploy", jar)
    assert "jwt" in daemon.cli("plugins"), told
    both("the plugin deployed, its kind not installed", "500", "500", broken)

    definition, *roles = open(os.path.join(SAMPLE, "kubernetes.yaml"), encoding="utf-8").read().split("\n---\n")
    apply(definition)
    wait("the CRD", lambda: api.call("GET", CHECKS)[0] == 200)
    check = {"apiVersion": "samples.heddle.io/v1", "kind": "JwtCheck", "metadata": {"name": "users"}, "spec": {"issuer": "https://login.example", "jwks": {"file": issuer.jwks}}}
    api.create(CHECKS, check)
    wait("the daemon says that it may not watch", lambda: "jwtchecks" in daemon.cli("status") and "forbidden" in daemon.cli("status"), 40)
    both("the CRD and an object, which its account may not watch", "500", "500", broken)

    apply("\n---\n".join(roles))
    both("the ClusterRole of kubernetes.yaml bound to it", "401", "200", right)
    print("status:", *(f"{kind}={condition(api, kind)[:2]}" for kind in ("Accepted", "ResolvedRefs", "heddle.io/Programmed")))

    began = time.time()
    api.merge(f"{CHECKS}/users", {"spec": {"issuer": "https://other.example"}})
    both("another issuer in the object", "401", "401")
    api.merge(f"{CHECKS}/users", {"spec": {"issuer": "https://login.example"}})
    both("and back", "401", "200")
    print(f"both changes took {time.time() - began:.1f} s")

    api.call("DELETE", f"{CHECKS}/users")
    both("the object deleted", "500", "500", broken)
    api.create(CHECKS, check)
    both("the object made again", "401", "200", right)
    daemon.cli("undeploy", "heddle.sample.jwt")
    both("the plugin undeployed", "500", "500", broken)
    print("status:", *(f"{kind}={condition(api, kind)}" for kind in ("Accepted", "ResolvedRefs", "PartiallyInvalid")))


def main():
    jars = glob.glob(os.path.join(SAMPLE, "target", "heddle-sample-jwt*.jar"))
    if not jars:
        raise SystemExit(main.__doc__ or __doc__)
    yaml = rendered()
    with lab(daemon=False) as (api, unused):
        daemon = None
        try:
            api.create("/api/v1/namespaces", {"metadata": {"name": SPACE}})
            apply(yaml, "--server-side", "--force-conflicts")
            daemon = Daemon(unused.work, kubeconfig=token_kubeconfig(os.path.join(unused.work, "kubeconfig")), settings=["kube.namespace=" + SPACE]).start()
            story(api, daemon, Issuer(unused.work), jars[0])
        finally:
            if daemon:
                daemon.stop()
            api.call("DELETE", f"{CRDS}/jwtchecks.samples.heddle.io")
            for each in ("clusterroles", "clusterrolebindings"):
                api.call("DELETE", f"/apis/rbac.authorization.k8s.io/v1/{each}/heddle-jwtchecks")
            conf("kubectl", "delete", "--ignore-not-found", "--wait=false", "-f", "-", input=yaml)
    return 0


if __name__ == "__main__":
    sys.exit(main())
