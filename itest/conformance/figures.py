#!/usr/bin/env python3
"""What the issue asks to be shown on a real API server; each step prints one line and fails when its limit is not met. Run as root; see lab.py.
    figures.py [routes] [latency] [restart] [upgrade] [outage] [cut] [silent] [members] [memory]        all of them without arguments; outage last, it ends the lab
routes   1,000 routes changed in one go: status settled in under 10 s, and how many requests that took
latency  route change to traffic change over 200 changes at 1,000 routes: p99 under 500 ms
restart  the daemon restarted by SIGTERM and by kill -9 under 1,000 requests a second: nothing refused; with SIGTERM nothing failed
upgrade  three times a new daemon takes the place of the old one (--take-over) under 1,000 requests a second: nothing refused, nothing failed
outage   the API server killed for 60 s under load: nothing failed; a route changed after that is in force within 2 s of its return
cut      the daemon cut off while routes change and etcd is compacted: in force within 2 s
silent   packets to the API server dropped under load, first those of the open connections, then all: said within 60 s, watched anew, nothing failed
members  labels of pods and namespaces, also changed ones, and a job
memory   5,000 Services, 10,000 pods, 5,000 routes: below 350 MB resident"""
import os, signal, socket, subprocess, sys, threading, time, urllib.request
from lab import *

ROUTES = f"{GATEWAY}/namespaces/{NS}/httproutes"
failed = []


def result(ok, text):
    print(("ok    " if ok else "MISS  ") + text, flush=True)
    if not ok:
        failed.append(text)


# ---- status ----------------------------------------------------------------------------------------------------------------------

def settled(api, count):
    done = 0
    for item in api.get(f"{ROUTES}?labelSelector=lab%3Dyes")["items"]:
        for parent in item.get("status", {}).get("parents", []):
            done += parent["controllerName"].startswith("heddle.io/") and any(
                each["type"] == "Accepted" and each["status"] == "True" and each["observedGeneration"] == item["metadata"]["generation"]
                for each in parent["conditions"])
    return done >= count


def routes(api, daemon, count=1000):
    for what in ("created", "changed"):
        body = lambda each: route(f"scale-{each}", "echo", "echo-v1" if what == "created" else "echo-v2", f"/scale-{each}", "a")
        before, begin = daemon.metrics("heddle_kube_requests_total"), time.time()
        writes = daemon.metrics("heddle_kube_status_writes_total").get('{result="written",}', 0)
        if what == "created":
            codes = api.all([(ROUTES, body(each)) for each in range(count)])
        else:
            codes = api.all([(f"{ROUTES}/scale-{each}", {"spec": body(each)["spec"]}, "application/merge-patch+json") for each in range(count)], "PATCH")
        wrote = time.time() - begin
        # asked of the daemon, since lists of all routes would keep the API server from the writes
        written = lambda: daemon.metrics("heddle_kube_status_writes_total").get('{result="written",}', 0)
        wait("status", lambda: written() - writes >= count and settled(api, count), 120, 0.1)
        after = time.time() - begin - wrote
        spent = {name: int(value - before.get(name, 0)) for name, value in daemon.metrics("heddle_kube_requests_total").items() if value != before.get(name, 0)}
        result(after < 10, f"{count} routes {what} in {wrote:.1f} s (codes {sorted(codes)}): status settled {after:.1f} s later; the daemon's requests {spent}")


# ---- propagation -----------------------------------------------------------------------------------------------------------------

WATCHER = r'''
import http.client, os, socket, time
out = socket.create_connection((os.environ["NODE"], int(os.environ["PORT"])))
last = None
while True:
    connection = http.client.HTTPConnection(os.environ["ECHO"], 80, timeout=10)
    try:
        while True:
            connection.request("GET", "/latency")
            answer = connection.getresponse()
            answer.read()
            mark = answer.getheader("x-mark")
            if mark is None: break     # connected before the route was in force
            if mark != last:
                last = mark
                out.sendall((mark + "\n").encode())
            time.sleep(0.002)
    except (OSError, http.client.HTTPException):
        pass
    connection.close()
    time.sleep(0.02)
'''


def watcher(api, address):
    """A pod that tells each new mark that it is answered with."""
    collector = Collector()
    api.create(ROUTES, route("latency", "echo", "echo-v1", "/latency", "start"))
    mark(api, "start")
    api.create(f"/api/v1/namespaces/{NS}/pods", pod("watcher-" + str(collector.port), ["python3", "-c", WATCHER],
                                                    env={"ECHO": address, "NODE": NODE_IP, "PORT": str(collector.port)}))
    at = lambda mark: next((when for when, line in collector.seen() if line == mark), None)
    wait("the watching pod", lambda: at("start"), 60)
    return at


def mark(api, name):
    api.merge(f"{ROUTES}/latency", {"spec": route("latency", "echo", "echo-v1", "/latency", name)["spec"]})
    return time.time()


def latency(api, daemon, changes=200, count=1000):
    if len(api.get(f"{ROUTES}?labelSelector=lab%3Dyes")["items"]) < count:
        api.all([(ROUTES, route(f"scale-{each}", "echo", "echo-v1", f"/scale-{each}", "a")) for each in range(count)])
        wait("status", lambda: settled(api, count), 120, 0.25)
    at = watcher(api, api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"])
    took = []
    for each in range(changes):
        sent = mark(api, f"m-{each}")
        wait(f"change {each}", lambda: at(f"m-{each}"), 10, 0.005)
        took.append(max(0.0, at(f"m-{each}") - sent))
        time.sleep(0.05)
    result(quantile(took, .99) < .5, f"route change to traffic change over {changes} changes at {count} routes: p50 {quantile(took, .5) * 1000:.0f} ms, "
           f"p99 {quantile(took, .99) * 1000:.0f} ms, max {max(took) * 1000:.0f} ms")


# ---- load ------------------------------------------------------------------------------------------------------------------------

class Load:
    def __init__(self, api, rate):
        self.api, self.collector = api, Collector()
        address = api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"]
        self.name = f"load-{self.collector.port}"
        api.create(f"/api/v1/namespaces/{NS}/pods", pod(self.name, ["python3", "-c", open(os.path.join(HERE, "load.py")).read(), address, str(rate), str(self.collector.port), NODE_IP]))
        wait("the load", lambda: self.now().get("steered"), 60)
        self.before = self.now()

    def now(self):
        lines = self.collector.seen()
        return {kind: int(number) for kind, number in (each.split("=") for each in lines[-1][1].split())} if lines else {}

    def since(self):
        now = self.now()
        changed = {kind: number - self.before.get(kind, 0) for kind, number in now.items() if number != self.before.get(kind, 0)}
        self.before = now
        return changed

    def end(self):
        self.api.call("DELETE", f"/api/v1/namespaces/{NS}/pods/{self.name}", {"gracePeriodSeconds": 0})


def bad(seen):
    return {kind: number for kind, number in seen.items() if kind not in ("ok", "sent", "steered")}


def restart(api, daemon, rate=1000):
    api.create(ROUTES, route("mark", "echo", "echo-v1", mark="here"))
    load = Load(api, rate)
    for name, sig in (("SIGTERM", signal.SIGTERM), ("kill -9", signal.SIGKILL)):
        time.sleep(5)
        load.since()
        begin = time.time()
        daemon.stop(sig)
        stopped = time.time() - begin
        daemon.start()
        ready = time.time() - begin
        wait("steering after the restart", lambda: load.now().get("steered", 0) > load.before.get("steered", 0) + 500, 60)
        time.sleep(3)
        seen = load.since()
        wrong = bad(seen)
        refused = sum(number for kind, number in wrong.items() if "Refused" in kind)
        result(refused == 0 and (sig == signal.SIGKILL or not wrong),
               f"daemon restarted by {name} at {seen['sent'] / (time.time() - begin):.0f} requests/s (gone after {stopped:.1f} s, ready after {ready:.1f} s): "
               f"{seen['sent']} requests, {seen.get('steered', 0)} steered, refused {refused}, failed {wrong or 0}")
    load.end()


def upgrade(api, daemon, rate=1000, times=3):
    """As the DaemonSet's surge does it: the new one beside the old one, which ends when the new one is ready."""
    api.create(ROUTES, route("mark", "echo", "echo-v1", mark="here"))
    load = Load(api, rate)
    for turn in range(1, times + 1):
        time.sleep(3)
        load.since()
        begin, old = time.time(), daemon.process
        command = daemon.command
        daemon.command = command if "--take-over" in command else [*command, "--take-over"]
        daemon.start(wait=False)
        status = old.wait(90)
        took = time.time() - begin
        daemon.ready()
        wait("steering by the new one", lambda: load.now().get("steered", 0) > load.before.get("steered", 0) + 500, 60)
        time.sleep(3)
        seen = load.since()
        wrong = bad(seen)
        result(not wrong and status == 0, f"upgrade {turn} of {times} at {seen['sent'] / (time.time() - begin):.0f} requests/s: the old one ended with {status} after {took:.1f} s; "
               f"{seen['sent']} requests, {seen.get('steered', 0)} steered, failed {wrong or 0}")
    load.end()


# ---- the API server away ---------------------------------------------------------------------------------------------------------

def children(pid):
    return [int(each) for task in os.listdir(f"/proc/{pid}/task") for each in open(f"/proc/{pid}/task/{task}/children").read().split()]


def outage(api, daemon, seconds=60):
    api.create(ROUTES, route("mark", "echo", "echo-v1", mark="here"))
    at = watcher(api, api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"])
    load = Load(api, 200)
    parent = int(open(os.path.join(STATE, "controlplane.pid")).read())
    server = next(each for each in children(parent) if b"apiserver" in open(f"/proc/{each}/cmdline", "rb").read().split(b"\0")[1])
    command = open(f"/proc/{server}/cmdline", "rb").read().split(b"\0")[:-1]
    os.kill(parent, signal.SIGSTOP)     # it would end the rest with its child
    again = None
    try:
        lists = lambda: sum(daemon.metrics("heddle_kube_lists_total").values())
        before = lists()
        load.since()
        os.kill(server, signal.SIGKILL)
        begin = time.time()
        wait("readiness says stale", lambda: "kube" in daemon.http("/readyz")[1] and "stale" in daemon.http("/readyz")[1], 20)
        said = daemon.http("/readyz")
        time.sleep(max(0, seconds - (time.time() - begin)))
        away = load.since()
        again = subprocess.Popen([each.decode() for each in command], stdout=open(os.path.join(STATE, "logs", "apiserver2.log"), "wb"), stderr=subprocess.STDOUT,
                                 stdin=subprocess.DEVNULL, start_new_session=True)
        back = wait("the API server", lambda: reachable(api), 120, 0.05)
        changed = mark(api, "after-outage")
        wait("the change after the outage", lambda: at("after-outage"), 30, 0.01)
        took = at("after-outage") - changed
        wait("readiness", lambda: daemon.http("/readyz")[0] == 200, 30)
        wrong = bad(away)
        result(not wrong and took < 2, f"API server killed for {seconds} s under load: {away['sent']} requests, failed {wrong or 0}; /readyz said {said[0]} {said[1].strip()[:90]!r}; "
               f"a change at its return in force after {took * 1000:.0f} ms (its start took {back:.1f} s), {int(lists() - before)} new lists (410)")
    finally:
        load.end()
        if again:
            again.terminate()
            try:
                again.wait(20)
            except subprocess.TimeoutExpired:       # it waits for its watches to end
                again.kill()
                again.wait()
        os.kill(parent, signal.SIGCONT)     # sees that its child is gone, and ends


def reachable(api):
    try:
        return api.call("GET", ROUTES)[0] == 200
    except (OSError, http.client.HTTPException, ValueError):
        return False


class Wire:
    """A TCP relay to the API server that can be cut."""

    def __init__(self, port=16443):
        self.port, self.open, self.pairs = port, True, []
        self.socket = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            if not self.open:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", 6443))
            self.pairs.append((client, server))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.relay, args=(one, other), daemon=True).start()

    def relay(self, one, other):
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.open = False
        for pair in self.pairs:
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()


@contextlib.contextmanager
def behind(daemon, wire):
    """The daemon reaches the API server through the wire."""
    with open(os.path.join(STATE, "kubeconfig")) as file:
        text = file.read()
    through = os.path.join(daemon.work, "kubeconfig")
    with open(through, "w") as file:
        file.write(text.replace(":6443", f":{wire.port}"))
    daemon.stop()
    direct = daemon.command
    daemon.command = [through if each == os.path.join(STATE, "kubeconfig") else each for each in direct]
    daemon.start()
    try:
        yield
    finally:
        daemon.stop()
        daemon.command = direct
        daemon.start()
        wire.socket.close()


def cut(api, daemon, events=200):
    """Through a wire that is cut, while routes change and etcd forgets what was before."""
    wire = Wire()
    with behind(daemon, wire):
        cut_off(api, daemon, wire, events)


def cut_off(api, daemon, wire, events):
    at = watcher(api, api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"])
    lists = lambda: daemon.metrics("heddle_kube_lists_total").get('{kind="HTTPRoute",}', 0)
    before = lists()
    wire.cut()
    api.create(ROUTES, route("busy", "echo", "echo-v1", "/busy", "0"))
    for each in range(events):
        api.merge(f"{ROUTES}/busy", {"metadata": {"annotations": {"turn": str(each)}}})
    mark(api, "while-away")
    revision = int(api.get(f"{ROUTES}/busy")["metadata"]["resourceVersion"])
    request = urllib.request.Request("http://127.0.0.1:2379/v3/kv/compaction", json.dumps({"revision": str(revision), "physical": True}).encode())
    compacted = urllib.request.urlopen(request, timeout=30).status
    wire.open = True
    begin = time.time()
    wait("the change made meanwhile", lambda: at("while-away"), 60, 0.01)
    took = at("while-away") - begin
    result(took < 2 and compacted == 200, f"cut off for {events} changes and a compaction of etcd at {revision}: in force {took * 1000:.0f} ms after the return, "
           f"{int(lists() - before)} new lists of HTTPRoutes")


def nft(rules):
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


@contextlib.contextmanager
def dropped(port, clients=None):
    """Packets from and to the port are dropped in this network namespace; only those of the clients with these ports where some are given."""
    ports = "{" + ", ".join(map(str, clients)) + "}" if clients else ""
    nft(f"""table inet heddle_silent {{
            chain drops {{
                type filter hook input priority -10;
                tcp dport {port} {'tcp sport ' + ports if ports else ''} drop
                tcp sport {port} {'tcp dport ' + ports if ports else ''} drop
            }}
        }}
        """)
    try:
        yield
    finally:
        nft("delete table inet heddle_silent")


def silent(api, daemon, seconds=60):
    """Nothing is refused and no connection ends: packets are gone."""
    wire = Wire(16444)
    with behind(daemon, wire):
        api.create(ROUTES, route("mark", "echo", "echo-v1", mark="here"))
        at = watcher(api, api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"])
        load = Load(api, 200)
        try:
            open_now = subprocess.run(["ss", "-Htn", "state", "established", "dport", f"= :{wire.port}"], capture_output=True, text=True, check=True).stdout
            clients = [line.split()[2].rsplit(":", 1)[1] for line in open_now.splitlines()]
            load.since()
            with dropped(wire.port, clients):
                begin = mark(api, "connections-lost")
                wait("readiness says stale", lambda: "stale" in daemon.http("/readyz")[1], 60)
                said = time.time() - begin
                wait("the change over new connections", lambda: at("connections-lost"), 90, 0.01)
                took = at("connections-lost") - begin
                wait("readiness", lambda: daemon.http("/readyz")[0] == 200, 30)
                wrong = bad(load.since())
            result(not wrong and took < 60, f"{len(clients)} open connections to the API server lost, silently: stale after {said:.1f} s, a change made then in force after {took:.1f} s "
                   f"over new connections, failed {wrong or 0}")
            with dropped(wire.port):
                begin = mark(api, "all-lost")
                wait("readiness says stale", lambda: "stale" in daemon.http("/readyz")[1], 60)
                said = time.time() - begin
                time.sleep(max(0, seconds - said))
                away = load.since()
            back = time.time()
            wait("the change after the silence", lambda: at("all-lost"), 60, 0.01)
            took = at("all-lost") - back
            wait("readiness", lambda: daemon.http("/readyz")[0] == 200, 30)
            wrong = bad(away)
            result(not wrong and took < 15, f"all packets to the API server dropped for {seconds} s under load: stale after {said:.1f} s; {away['sent']} requests, failed {wrong or 0}; "
                   f"a change made meanwhile in force {took:.1f} s after the end")
        finally:
            load.end()


# ---- who is in the mesh ----------------------------------------------------------------------------------------------------------

def membership(api, daemon):
    """Pod label before namespace label before the default (in); a label that changes takes effect on a running pod, a finished pod is forgotten."""
    api.create(ROUTES, route("mark", "echo", "echo-v1", mark="here"))
    namespace(api, NS + "-out", {"heddle.io/mesh": "disabled"})
    collector = Collector()
    address = api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"]
    cases = [("default", NS, {}, "in"), ("pod-out", NS, {"heddle.io/mesh": "disabled"}, "out"), ("space-out", NS + "-out", {}, "out"),
             ("pod-in", NS + "-out", {"heddle.io/mesh": "enabled"}, "in")]
    asks = {name: Asker(api, collector, name, address, space, labels) for name, space, labels, _ in cases}
    last = lambda name: {("200", "here"): "in", ("200", "none"): "out"}.get(asks[name].last(), asks[name].last())
    wrong = lambda: {name: last(name) for name, _, _, wanted in cases if last(name) != wanted}
    with contextlib.suppress(SystemExit):
        wait("membership", lambda: not wrong(), 30)
    time.sleep(2)
    seen = wrong()
    api.merge(f"/api/v1/namespaces/{NS}/pods/pod-out", {"metadata": {"labels": {"heddle.io/mesh": "enabled"}}})
    api.merge(f"/api/v1/namespaces/{NS}-out", {"metadata": {"labels": {"heddle.io/mesh": "enabled"}}})
    with contextlib.suppress(SystemExit):
        wait("labels that changed", lambda: last("pod-out") == "in" and last("space-out") == "in", 30)
    changed = {name: last(name) for name in ("pod-out", "space-out")}
    workloads = lambda: daemon.metrics("heddle_kube_objects").get('{kind="Workload",}', 0)
    job = {"metadata": {"name": "job"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": pod("x", ["sleep", "1"])["spec"]["containers"]}}}}
    before = workloads()
    api.create(f"/apis/batch/v1/namespaces/{NS}/jobs", job)
    with contextlib.suppress(SystemExit):
        wait("the job's pod as a workload", lambda: workloads() == before + 1, 20, 0.02)
        wait("the job's end", lambda: workloads() == before, 20)
    after = workloads()
    api.call("DELETE", f"/api/v1/namespaces/{NS}-out")
    result(not seen and set(changed.values()) == {"in"} and after == before,
           f"in the mesh or not: wrong {seen or 'none'}; labels changed to enabled: {changed}; workloads before and after a job {before:.0f} and {after:.0f}")


# ---- memory ----------------------------------------------------------------------------------------------------------------------

def memory(api, daemon, services=5000, pods=10000, count=5000):
    """The pods are on other nodes; the daemon is away while the objects are made, as the API server has enough to do."""
    daemon.stop()
    spaces = [f"big-{each}" for each in range(10)]
    for each in spaces:
        namespace(api, each)
    begin = time.time()
    space = lambda each: spaces[each % len(spaces)]
    address = lambda each: f"10.{50 + each // 60000}.{each // 250 % 240}.{each % 250 + 1}"
    codes = api.all([(f"/api/v1/namespaces/{space(each)}/services", {"metadata": {"name": f"s{each}"}, "spec": {"ports": [{"port": 80, "targetPort": 8080}]}})
                     for each in range(services)])
    codes |= api.all([(f"/apis/discovery.k8s.io/v1/namespaces/{space(each)}/endpointslices",
                       {"metadata": {"name": f"s{each}", "labels": {"kubernetes.io/service-name": f"s{each}"}}, "addressType": "IPv4", "ports": [{"port": 8080}],
                        "endpoints": [{"addresses": [address(one)], "conditions": {"ready": True}} for one in (2 * each, 2 * each + 1)]}) for each in range(services)])
    codes |= api.all([(f"{GATEWAY}/namespaces/{space(each)}/httproutes", route(f"r{each}", f"s{each}", f"s{each}", "/", "a", space(each))) for each in range(count)])
    codes |= api.all([(f"/api/v1/namespaces/{space(each)}/pods", {"metadata": {"name": f"p{each}", "labels": {"app": f"s{each // 2}", "tier": "web"}},
                       "spec": {"nodeName": f"node{2 + each % 100}", "containers": [{"name": "main", "image": "x", "env": [{"name": "A", "value": "b" * 200}]}]}})
                      for each in range(pods)])
    made = time.time() - begin
    begin = time.time()
    daemon.start()
    ready = time.time() - begin
    time.sleep(30)
    now, most = daemon.rss()
    held = {name: int(value) for name, value in daemon.metrics("heddle_kube_objects").items() if value > 2}
    result(most < 350, f"{services} Services and EndpointSlices, {pods} pods, {count} routes (made in {made:.0f} s, codes {sorted(codes)}): {now:.0f} MB resident after 30 s, "
           f"{most:.0f} at most, ready after {ready:.1f} s; held {held}")


STEPS = {"routes": routes, "latency": latency, "restart": restart, "upgrade": upgrade, "outage": outage, "cut": cut, "silent": silent, "members": membership, "memory": memory}


def main():
    asked = sys.argv[1:] or ["routes", "latency", "members", "cut", "silent", "restart", "upgrade", "memory", "outage"]
    unknown = [each for each in asked if each not in STEPS]
    if unknown:
        raise SystemExit(__doc__)
    with lab() as (api, daemon):
        backends(api)
        for each in sorted(asked, key=lambda name: name == "outage"):    # after it there is no control plane
            try:
                STEPS[each](api, daemon)
            except SystemExit as missed:
                result(False, f"{each}: {missed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
