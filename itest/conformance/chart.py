#!/usr/bin/env python3
"""The Helm chart on the lab's real API server: accepted (also by a server-side dry run), its objects as they should be, and its RBAC just
enough: a daemon with the chart's service account gets ready, leads, and writes status; what it has no business with is denied.

    itest/conformance/chart.py

The DaemonSet's pods are not started (the lab has no images): its node selector matches no node. Needs root, the built lab, helm or Go."""
import os, re, subprocess, sys
from lab import GATEWAY, NS, ROOT, STATE, Daemon, backends, conf, lab, route, wait

SPACE = "heddle-system"
ACCOUNT = f"system:serviceaccount:{SPACE}:heddle"
DENIED = ["list secrets", "create pods", "update services", "patch httproutes.gateway.networking.k8s.io", "delete namespaces", "get nodes",
          "list leases.coordination.k8s.io -n kube-system", "create daemonsets.apps", "update clusterroles.rbac.authorization.k8s.io", "create pods --subresource=exec"]


def rendered():
    words = [os.path.join(ROOT, "deploy", "render"), "--stdout", "--set", "nodeSelector.heddle\\.io/never=here"]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def installed_and_upgraded(work):
    """A second mesh by helm itself, upgraded: the Secret for sessions is made once."""
    helm = subprocess.run([os.path.join(ROOT, "deploy", "render"), "--helm"], check=True, stdout=subprocess.PIPE, text=True).stdout.split(",")[0].strip()
    words = [os.path.join(ROOT, "deploy", "helm", "heddle"), "-n", SPACE, "--kubeconfig", os.path.join(STATE, "kubeconfig"),
             "--set", "nodeSelector.heddle\\.io/never=here", "--set", "meshName=second", "--set", "cgroupName=second"]
    env = {**os.environ, "HELM_CACHE_HOME": work, "HELM_CONFIG_HOME": work, "HELM_DATA_HOME": work}
    secret = lambda: conf("kubectl", "get", "secret", "second-session", "-n", SPACE, "-o", "jsonpath={.data.secret}").strip()
    run = lambda *more: subprocess.run([helm, *more], check=True, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run("install", "second", *words, "--skip-crds")
    try:
        first = secret()
        assert len(first) > 40, first
        run("upgrade", "second", *words, "--set", "heap=300m")
        generation = conf("kubectl", "get", "daemonset", "second", "-n", SPACE, "-o", "jsonpath={.metadata.generation}").strip()
        assert (secret(), generation) == (first, "2"), generation
        print("helm install and upgrade: the Secret for sessions is made once and kept")
    finally:
        run("uninstall", "second", "-n", SPACE, "--kubeconfig", os.path.join(STATE, "kubeconfig"))


def token_kubeconfig(path):
    text = open(os.path.join(STATE, "kubeconfig")).read()
    token = conf("kubectl", "create", "token", "heddle", "-n", SPACE, "--duration=1h").strip()
    text = re.sub(r"client-certificate-data: .*", f"token: {token}", text)
    text = re.sub(r"\n\s*client-key-data: .*", "", text)
    with open(path, "w") as file:
        file.write(text)
    return path


def main():
    yaml = rendered()
    with lab(daemon=False) as (api, unused):
        file = os.path.join(unused.work, "heddle.yaml")
        with open(file, "w") as out:
            out.write(yaml)
        try:
            conf("kubectl", "create", "namespace", SPACE)
            conf("kubectl", "apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", file)
            applied = conf("kubectl", "apply", "--server-side", "--force-conflicts", "-f", file).splitlines()
            print(f"applied {len(applied)} objects, dry run first")
            daemonset = api.get(f"/apis/apps/v1/namespaces/{SPACE}/daemonsets/heddle")
            update = daemonset["spec"]["updateStrategy"]["rollingUpdate"]
            assert (update["maxSurge"], update["maxUnavailable"]) == (1, 0), update
            pod = daemonset["spec"]["template"]["spec"]
            assert pod["hostPID"] and not pod.get("hostNetwork")
            assert sorted(pod["containers"][0]["securityContext"]["capabilities"]["add"]) == ["BPF", "DAC_OVERRIDE", "NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"]
            kinds = {each["metadata"]["name"] for each in api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]}
            assert {"localratelimits.heddle.io", "circuitlimits.heddle.io", "faultinjections.heddle.io", "headeraccesses.heddle.io"} <= kinds, kinds
            for words in DENIED:
                answer = subprocess.run([os.path.join(os.environ.get("HEDDLE_LAB") or os.path.join(ROOT, "..", "shared", "kube-lab"), "conf"), "kubectl", "auth", "can-i",
                                         *words.split(), "--as", ACCOUNT], capture_output=True, text=True).stdout.strip()
                assert answer.endswith("no"), f"{ACCOUNT} may {words}: {answer}"
            print(f"{len(DENIED)} things that are not its business are denied")

            installed_and_upgraded(unused.work)
            backends(api)
            daemon = Daemon(unused.work, kubeconfig=token_kubeconfig(os.path.join(unused.work, "kubeconfig")), settings=["kube.namespace=" + SPACE])
            daemon.start()
            try:
                path = f"{GATEWAY}/namespaces/{NS}/httproutes"
                api.create(path, route("chart", "echo", "echo-v1"))
                jsonpath = '{.status.parents[?(@.controllerName=="heddle.io/mesh-controller")].conditions[?(@.type=="heddle.io/Programmed")].status}'
                print(conf("kubectl", "wait", "-n", NS, "httproute/chart", f"--for=jsonpath={jsonpath}=True", "--timeout=40s").strip())
                print(daemon.cli("wait", "httproute/chart", "-n", NS, "--for", "condition=Programmed", "--timeout", "10s").strip())
                assert api.get(f"/apis/coordination.k8s.io/v1/namespaces/{SPACE}/leases/heddle")["spec"]["holderIdentity"]
                log = open(daemon.log).read()
                refused = [line for line in log.splitlines() if "forbidden" in line or " 403" in line]
                assert not refused, refused
                print("a daemon with the chart's service account: ready, leads, writes status, nothing forbidden")
            finally:
                daemon.stop()
        finally:
            subprocess.run([os.path.join(os.environ.get("HEDDLE_LAB") or os.path.join(ROOT, "..", "shared", "kube-lab"), "conf"), "kubectl", "delete", "--ignore-not-found",
                            "--wait=false", "-f", file], capture_output=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
