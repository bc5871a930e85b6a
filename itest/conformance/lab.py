#!/usr/bin/env python3
"""The conformance lab with this Heddle as its mesh, for tests and measurements of our own: a control plane, a node, a daemon, pods.
HEDDLE_LAB names the lab's folder, CONF_DIR its built parts. A lab that is up already is used and left up."""
import base64, concurrent.futures, contextlib, ctypes, http.client, json, os, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CONF_DIR = os.environ.setdefault("CONF_DIR", os.path.join(os.environ.get("TMPDIR", "/tmp"), "conformance"))
STATE = os.path.join(CONF_DIR, "state")
LAB = os.environ.get("HEDDLE_LAB") or os.path.realpath(os.path.join(ROOT, "..", "shared", "kube-lab"))
NODE = "/run/netns/" + os.environ.get("CONF_NODE", "gwconf")
NODE_IP = "10.244.0.1"
GATEWAY = "/apis/gateway.networking.k8s.io/v1"
NS = "heddle-lab"
ADMIN = 15020


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def conf(*arguments, **options):
    return subprocess.run([os.path.join(LAB, "conf"), *arguments], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def enter(namespace):
    """Moves this process to a network namespace; the control plane is reached from there."""
    with open(namespace) as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)


class Api:
    """Requests to the API server, one kept connection a thread."""

    def __init__(self, kubeconfig=os.path.join(STATE, "kubeconfig")):
        text = open(kubeconfig).read()
        field = lambda name: base64.b64decode(re.search(name + r": *(\S+)", text).group(1))
        self.host = re.search(r"server: *https://(\S+)", text).group(1)
        self.tls = ssl.create_default_context(cadata=field("certificate-authority-data").decode())
        with tempfile.NamedTemporaryFile() as cert:
            cert.write(field("client-certificate-data") + b"\n" + field("client-key-data"))
            cert.flush()
            self.tls.load_cert_chain(cert.name)
        self.local = threading.local()
        self.pool = concurrent.futures.ThreadPoolExecutor(8)

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

    def get(self, path):
        code, answer = self.call("GET", path)
        if code != 200:
            raise SystemExit(f"GET {path}: {code} {answer.get('message')}")
        return answer

    def merge(self, path, body):
        code, answer = self.call("PATCH", path, body, "application/merge-patch+json")
        if code != 200:
            raise SystemExit(f"PATCH {path}: {code} {answer.get('message')}")
        return answer

    def create(self, path, body):
        """Made, or already there."""
        code, answer = self.call("POST", path, body)
        if code not in (200, 201, 409):
            raise SystemExit(f"POST {path}: {code} {answer.get('message')}")
        return answer

    def all(self, paths_and_bodies, method="POST"):
        """Many at once; returns the codes that came."""
        return {code for code, _ in self.pool.map(lambda each: self.call(method, *each), paths_and_bodies)}


class Daemon:
    """`heddle run` in the node's namespace, as kubelet would start it."""

    def __init__(self, work, node="node1", name="heddle-conformance", admin=ADMIN, settings=(), env=None, kubeconfig=None):
        self.admin, self.name, self.work = admin, name, work
        self.log = os.path.join(work, name + ".log")
        # on a node the weight of its CPU request does this: the daemon goes before the programs that it serves
        self.command = ["nice", "-n", "-10", os.path.join(ROOT, "heddle"), "run", "--kubernetes", "--kubeconfig", kubeconfig or os.path.join(STATE, "kubeconfig"), "--node-name", node,
                        "--set", f"stateDir={work}/{name}", "--set", f"controlSocket={work}/{name}.sock", "--set", f"steer.cgroup={name}",
                        "--set", f"steer.pinDirectory=/sys/fs/bpf/{name}", "--set", f"admin.address=127.0.0.1:{admin}"]
        for each in settings:
            self.command += ["--set", each]
        self.env = {**os.environ, **(env or {})}
        self.process = None

    def start(self, wait=True):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, start_new_session=True)
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/autogroup", "w") as group:
            group.write("-10")      # where sessions are scheduled as groups (sched_autogroup), a process's own niceness counts within its session only
        if wait:
            self.ready()
        return self

    def ready(self, limit=150):
        begin = time.time()
        while time.time() - begin < limit:
            if self.process.poll() is not None:
                raise SystemExit("the daemon ended:\n" + open(self.log).read()[-4000:])
            if self.http("/readyz")[0] == 200:
                return time.time() - begin
            time.sleep(0.05)
        raise SystemExit("the daemon did not get ready:\n" + open(self.log).read()[-4000:])

    def http(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    def metrics(self, prefix):
        found = {}
        for line in self.http("/metrics")[1].splitlines():
            if line.startswith(prefix):
                name, value = line.rsplit(" ", 1)
                found[name[len(prefix):]] = float(value)
        return found

    def rss(self):
        """MB: resident, and its highest so far."""
        text = open(f"/proc/{self.process.pid}/status").read()
        return tuple(int(re.search(name + r":\s*(\d+)", text).group(1)) / 1024 for name in ("VmRSS", "VmHWM"))

    def cli(self, *arguments):
        return subprocess.run([os.path.join(ROOT, "heddle"), *arguments, "--control-socket", f"{self.work}/{self.name}.sock"], capture_output=True, text=True).stdout

    def stop(self, sig=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(60)
        return self.process.returncode if self.process else 0


@contextlib.contextmanager
def lab(settings=(), proxy=True, daemon=True, env=None):
    """Control plane, node, daemon; gives (api, daemon). This process is in the node's namespace from then on."""
    if os.geteuid() != 0:
        raise SystemExit("the lab makes network namespaces and cgroups: run as root")
    if not os.access(os.path.join(CONF_DIR, "bin", "controlplane"), os.X_OK):
        raise SystemExit(f"no built lab in {CONF_DIR}: run `heddle conformance` once, or {LAB}/conf build")
    was_up = "controlplane: pid" in conf("status", stderr=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # so that what follows is undone
    work = tempfile.mkdtemp(prefix="heddle-lab-")
    running = None
    try:
        if not was_up:
            conf("up")
        conf("kube-proxy", "on" if proxy else "off")
        enter(NODE)
        api = Api()
        running = Daemon(work, settings=settings, env=env)
        if daemon:
            running.start()
        yield api, running
    finally:
        if running:
            running.stop()
            if os.environ.get("HEDDLE_KEEP_LOG"):
                shutil.copy(running.log, os.environ["HEDDLE_KEEP_LOG"])
        if was_up:
            with contextlib.suppress(Exception):
                Api().call("DELETE", f"/api/v1/namespaces/{NS}")
        else:
            with contextlib.suppress(subprocess.CalledProcessError):
                conf("down")
        shutil.rmtree(work, ignore_errors=True)


# ---- objects ----------------------------------------------------------------------------------------------------------------------

def namespace(api, name=NS, labels=None):
    going = lambda code, found: code == 200 and found["status"].get("phase") == "Terminating"
    wait(f"the end of the last {name}", lambda: not going(*api.call("GET", f"/api/v1/namespaces/{name}")), 60)
    api.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}})
    wait(f"service account of {name}", lambda: api.call("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 200)


def pod(name, command, labels=None, image="local/host", env=None, **spec):
    return {"metadata": {"name": name, "labels": {"app": name, **(labels or {})}},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": image, **({"command": command} if command else {}),
                     "args": spec.pop("args", []), "env": [{"name": key, "value": value} for key, value in (env or {}).items()]}], **spec}}


def echo(name, labels=None):
    """A backend as in the conformance suite: answers with its pod's name as Hostname."""
    body = pod(name, None, labels, "echo-advanced", args=["--tcp=9090", "--port=8080", "--grpc=7070"])
    body["spec"]["containers"][0]["env"] = [{"name": "INSTANCE_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]
    return body


def service(name, selector, ports=((80, 8080),)):
    return {"metadata": {"name": name}, "spec": {"selector": {"app": selector}, "ports": [
        {"name": f"p{port}", "port": port, "targetPort": target} for port, target in ports]}}


def route(name, parent, backend, path="/", mark="", namespace=NS):
    filters = [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "x-mark", "value": mark}]}}] if mark else []
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": name, "namespace": namespace, "labels": {"lab": "yes"}},
            "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": parent}],
                     "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": path}}], "filters": filters,
                                "backendRefs": [{"name": backend, "port": 80}]}]}}


def backends(api, names=("echo-v1", "echo-v2")):
    """Namespace, echo pods and a Service each, and the Service `echo` over all of them; returns its address."""
    namespace(api)
    for name in names:
        api.create(f"/api/v1/namespaces/{NS}/pods", echo(name, {"app": name, "all": "echo"}))
        api.create(f"/api/v1/namespaces/{NS}/services", service(name, name))
    body = service("echo", "x")
    body["spec"]["selector"] = {"all": "echo"}
    address = api.create(f"/api/v1/namespaces/{NS}/services", body)
    address = api.get(f"/api/v1/namespaces/{NS}/services/echo")["spec"]["clusterIP"]
    wait("the echo pods", lambda: all(running(api, name) for name in names), 60)
    return address


def running(api, name, namespace=NS):
    code, found = api.call("GET", f"/api/v1/namespaces/{namespace}/pods/{name}")
    return code == 200 and found["status"].get("phase") == "Running" and any(
        each["type"] == "Ready" and each["status"] == "True" for each in found["status"].get("conditions", []))


def wait(what, condition, limit=30, pause=0.1):
    begin = time.time()
    while not condition():
        if time.time() - begin > limit:
            raise SystemExit(f"{what}: not within {limit} s")
        time.sleep(pause)
    return time.time() - begin


class Collector:
    """Takes lines of text that pods send, over TCP on the node's address."""

    def __init__(self):
        self.lines, self.lock = [], threading.Lock()
        self.socket = socket.create_server((NODE_IP, 0), backlog=512)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def read(self, connection):
        with connection, connection.makefile() as lines:
            for line in lines:
                with self.lock:
                    self.lines.append((time.time(), line.strip()))

    def seen(self):
        with self.lock:
            return list(self.lines)


ASKS = r'''
import http.client, json, os, socket, time
out = socket.create_connection((os.environ["NODE"], int(os.environ["PORT"])))
while True:
    try:
        connection = http.client.HTTPConnection(os.environ["ECHO"], 80, timeout=5)
        connection.request("GET", "/", headers=json.loads(os.environ["HEADERS"]))
        answer = connection.getresponse()
        seen = f"{answer.status} {answer.getheader('x-mark') or 'none'}"
        connection.close()
    except OSError as error:
        seen = type(error).__name__ + " none"
    out.sendall((os.environ["NAME"] + " " + seen + "\n").encode())
    time.sleep(0.1)
'''


class Asker:
    """A pod that asks `/` of a Service ten times a second. An answer is a pair: status (or what went wrong) and x-mark (`none` without)."""

    def __init__(self, api, collector, name, address, namespace=NS, labels=None, headers=None):
        self.collector, self.name = collector, f"{namespace}/{name}"
        api.create(f"/api/v1/namespaces/{namespace}/pods", pod(name, ["python3", "-c", ASKS], labels, env={
            "ECHO": address, "NODE": NODE_IP, "PORT": str(collector.port), "NAME": self.name, "HEADERS": json.dumps(headers or {})}))

    def answers(self, since=0):
        """Those that came since, the oldest first."""
        return [tuple(line.split()[1:]) for when, line in self.collector.seen() if when > since and line.split()[0] == self.name]

    def last(self):
        return (self.answers() or [("nothing", "none")])[-1]


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main():
    """`lab.py [--set KEY=VALUE]... [--no-proxy] -- COMMAND...`: runs a command with the lab and the daemon up; KUBECONFIG is set, and the command's
    arguments may hold {kubectl}."""
    words = sys.argv[1:]
    if "--" not in words:
        raise SystemExit(main.__doc__)
    options, command = words[:words.index("--")], words[words.index("--") + 1:]
    settings = [options[at + 1] for at, each in enumerate(options) if each == "--set"]
    os.environ["KUBECONFIG"] = os.path.join(STATE, "kubeconfig")
    kubectl = os.path.join(CONF_DIR, "bin", "controlplane") + " kubectl"
    with lab(settings, proxy="--no-proxy" not in options):
        return subprocess.run([each.replace("{kubectl}", kubectl) for each in command]).returncode


if __name__ == "__main__":
    sys.exit(main())
