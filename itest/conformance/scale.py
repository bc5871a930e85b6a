#!/usr/bin/env python3
"""Figures of Heddle on a real API server; run inside the lab's node namespace with the daemon running:
    conf node python3 scale.py KUBECONFIG routes 1000       status of N routes changed in one go: time and requests
    conf node python3 scale.py KUBECONFIG latency 200       route change to traffic change, over N changes
The latency client runs in a pod of the conformance suite's echo image (exec'd through kubectl by --kubectl CONF)."""
import base64, concurrent.futures, http.client, json, re, ssl, subprocess, sys, tempfile, threading, time

NS = "gateway-conformance-mesh"
PATH = "/apis/gateway.networking.k8s.io/v1"


class Api:
    def __init__(self, kubeconfig):
        text = open(kubeconfig).read()
        field = lambda name: base64.b64decode(re.search(name + r": *(\S+)", text).group(1))
        self.host = re.search(r"server: *https://(\S+)", text).group(1)
        self.tls = ssl.create_default_context(cadata=field("certificate-authority-data").decode())
        with tempfile.NamedTemporaryFile() as cert:
            cert.write(field("client-certificate-data") + b"\n" + field("client-key-data"))
            cert.flush()
            self.tls.load_cert_chain(cert.name)
        self.local = threading.local()

    def call(self, method, path, body=None, kind="application/json"):
        for attempt in (0, 1):
            connection = getattr(self.local, "connection", None)
            if connection is None:
                connection = self.local.connection = http.client.HTTPSConnection(self.host, context=self.tls, timeout=30)
            try:
                connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": kind})
                answer = connection.getresponse()
                text = answer.read()
                return answer.status, json.loads(text or b"{}")
            except (http.client.HTTPException, OSError):
                connection.close()
                self.local.connection = None
                if attempt:
                    raise


def route(name, version, mark):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": name, "namespace": NS, "labels": {"scale": "yes"}},
            "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "echo"}],
                     "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/" + name}}],
                                "filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "x-mark", "value": mark}]}}],
                                "backendRefs": [{"name": version, "port": 80}]}]}}


def metrics():
    connection = http.client.HTTPConnection("127.0.0.1", 15021 if "--admin" not in sys.argv else int(sys.argv[sys.argv.index("--admin") + 1]))
    connection.request("GET", "/metrics")
    found = {}
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("heddle_kube_requests_total"):
            name, value = line.rsplit(" ", 1)
            found[name[len("heddle_kube_requests_total"):]] = float(value)
    return found


def settled(api, count, generation_of):
    """Seconds until each route carries our Accepted for its generation."""
    begin = time.time()
    while True:
        _, listed = api.call("GET", f"{PATH}/namespaces/{NS}/httproutes?labelSelector=scale%3Dyes")
        done = 0
        for item in listed["items"]:
            for parent in item.get("status", {}).get("parents", []):
                if parent["controllerName"].startswith("heddle.io/") and any(
                        each["type"] == "Accepted" and each["status"] == "True" and each["observedGeneration"] == item["metadata"]["generation"]
                        for each in parent["conditions"]):
                    done += 1
        if done >= count:
            return time.time() - begin
        if time.time() - begin > 120:
            raise SystemExit(f"only {done} of {count} have status after 120 s")
        time.sleep(0.25)


def routes(api, count):
    pool = concurrent.futures.ThreadPoolExecutor(8)
    names = [f"scale-{each}" for each in range(count)]
    for what, change in (("created", lambda each: api.call("POST", f"{PATH}/namespaces/{NS}/httproutes", route(each, "echo-v1", "a"))),
                         ("changed", lambda each: api.call("PATCH", f"{PATH}/namespaces/{NS}/httproutes/{each}",
                                                           {"spec": route(each, "echo-v2", "b")["spec"]}, "application/merge-patch+json"))):
        before, begin = metrics(), time.time()
        codes = {code for code, _ in pool.map(change, names)}
        wrote = time.time() - begin
        more = settled(api, count, None)
        spent = {name: int(value - before.get(name, 0)) for name, value in metrics().items() if value != before.get(name, 0)}
        print(f"{count} routes {what} in {wrote:.1f} s (codes {sorted(codes)}); status settled {more:.1f} s later, {wrote + more:.1f} s in all; "
              f"the daemon's requests: {spent}")


def delete(api, count):
    pool = concurrent.futures.ThreadPoolExecutor(8)
    list(pool.map(lambda each: api.call("DELETE", f"{PATH}/namespaces/{NS}/httproutes/scale-{each}"), range(count)))


def latency(api, changes, kubectl):
    """A client in a pod asks for one path again and again over one connection; each answer's mark and time are compared with when the
    API server acknowledged the change."""
    address = api.call("GET", f"/api/v1/namespaces/{NS}/services/echo")[1]["spec"]["clusterIP"]
    pods = api.call("GET", f"/api/v1/namespaces/{NS}/pods")[1]["items"]
    uid = next(each["metadata"]["uid"] for each in pods if each["metadata"]["name"].startswith("echo-v1"))
    api.call("POST", f"{PATH}/namespaces/{NS}/httproutes", route("scale-latency", "echo-v1", "m-start"))
    client = subprocess.Popen(["nsenter", f"--net=/run/netns/pod-{uid}", sys.executable, __file__, "client", uid, address],
                              stdout=subprocess.PIPE, text=True)
    seen, arrived = {}, threading.Condition()

    def read():
        for line in client.stdout:
            mark, at = line.split()
            with arrived:
                seen.setdefault(mark, float(at))
                arrived.notify_all()

    threading.Thread(target=read, daemon=True).start()
    with arrived:
        arrived.wait_for(lambda: "m-start" in seen, 30)
    took = []
    for each in range(changes):
        mark = f"m-{each}"
        api.call("PATCH", f"{PATH}/namespaces/{NS}/httproutes/scale-latency", {"spec": route("scale-latency", "echo-v1", mark)["spec"]},
                 "application/merge-patch+json")
        sent = time.time()
        with arrived:
            if not arrived.wait_for(lambda: mark in seen, 10):
                raise SystemExit(f"change {each} did not arrive in 10 s")
        took.append(max(0.0, seen[mark] - sent))
        time.sleep(0.05)
    client.terminate()
    api.call("DELETE", f"{PATH}/namespaces/{NS}/httproutes/scale-latency")
    took.sort()
    print(f"route change to traffic change over {changes}: p50 {took[len(took) // 2] * 1000:.0f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms, "
          f"max {took[-1] * 1000:.0f} ms")


def client(uid, address):
    for root in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        for quality in ("", "burstable/", "besteffort/"):
            try:
                open(f"{root}/kubepods/{quality}pod{uid}/cgroup.procs", "w").write("0")
            except OSError:
                pass
    last = None
    while True:
        connection = http.client.HTTPConnection(address, 80, timeout=10)
        try:
            while True:
                connection.request("GET", "/scale-latency")
                answer = connection.getresponse()
                answer.read()
                mark = answer.getheader("x-mark")
                if mark is None:   # connected before the route was in force: such a connection is never steered
                    connection.close()
                    time.sleep(0.05)
                if mark and mark != last:
                    last = mark
                    print(mark, time.time(), flush=True)
                time.sleep(0.002)
        except (http.client.HTTPException, OSError) as lost:
            print("lost", time.time(), repr(lost), file=sys.stderr)
            connection.close()


if sys.argv[1] == "client":
    client(sys.argv[2], sys.argv[3])
kube = Api(sys.argv[1])
if sys.argv[2] == "routes":
    routes(kube, int(sys.argv[3]))
elif sys.argv[2] == "latency":
    latency(kube, int(sys.argv[3]), None)
elif sys.argv[2] == "delete":
    delete(kube, int(sys.argv[3]))
