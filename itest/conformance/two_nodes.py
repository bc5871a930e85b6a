#!/usr/bin/env python3
"""Two daemons on two nodes of the lab: one of them writes status; when it is killed the other one does within 20 s; no condition flaps;
heddle.io/Programmed counts both.

    itest/conformance/two_nodes.py [--routes 20]

The second node is a network namespace of its own with a way to the API server and no pods. Needs root and the built lab (lab.py)."""
import argparse, os, signal, subprocess, sys, threading, time
from lab import GATEWAY, NODE, NODE_IP, NS, Daemon, backends, enter, lab, route, say, wait

SECOND = "heddle-node2"
OURS = "heddle.io/Programmed"
RELAY = """
import socket, threading
def pump(a, b):
    try:
        while data := a.recv(65536): b.sendall(data)
    except OSError: pass
    for each in (a, b):
        try: each.shutdown(socket.SHUT_RDWR)
        except OSError: pass
listener = socket.create_server(("127.0.0.1", 6443))
while True:
    client, _ = listener.accept()
    server = socket.create_connection(("%s", 6443))
    for pair in ((client, server), (server, client)): threading.Thread(target=pump, args=pair, daemon=True).start()
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class SecondNode:
    """A namespace beside the lab's node, in which 127.0.0.1:6443 is the API server as the kubeconfig says."""

    def __enter__(self):
        ip("netns", "add", SECOND)
        ip("link", "add", "heddle-n2", "type", "veth", "peer", "name", "eth0", "netns", SECOND)      # this process is in the node's namespace
        ip("addr", "add", "10.255.254.1/30", "dev", "heddle-n2")
        ip("link", "set", "heddle-n2", "up")
        for words in (("addr", "add", "10.255.254.2/30", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up"),
                      ("route", "add", "default", "via", "10.255.254.1")):
            ip("-n", SECOND, *words)
        self.relay = subprocess.Popen(["nsenter", f"--net=/run/netns/{SECOND}", "--", sys.executable, "-c", RELAY % NODE_IP])
        return self

    def __exit__(self, *_):
        self.relay.kill()
        self.relay.wait()
        ip("netns", "del", SECOND)


class OtherDaemon(Daemon):
    """Lives in the second namespace; asked by the command line, since its admin address is there."""

    def http(self, path):
        words = ["nsenter", f"--net=/run/netns/{SECOND}", "--", "curl", "-s", "-m", "5", "-w", "\n%{http_code}", f"http://127.0.0.1:{self.admin}{path}"]
        out = subprocess.run(words, capture_output=True, text=True).stdout
        body, _, code = out.rpartition("\n")
        return int(code or 0), body

    def start(self, wait=True):
        self.command = ["nsenter", f"--net=/run/netns/{SECOND}", "--", *self.command]
        return super().start(wait)


class Watcher:
    """Every condition of every route that this mesh writes, as the API server shows it, ten times a second."""

    def __init__(self, api, path):
        self.api, self.path, self.last, self.changes, self.stop = api, path, {}, [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop.wait(0.1):
            for item in self.api.get(self.path)["items"]:
                for key, value in conditions(item).items():
                    before = self.last.get((item["metadata"]["name"], key))
                    if before != value:
                        self.changes.append((time.time(), item["metadata"]["name"], key, before, value))
                    self.last[(item["metadata"]["name"], key)] = value

    def end(self):
        self.stop.set()
        self.thread.join()

    def flaps(self):
        """A condition that turned from True to something else while its route's generation stayed."""
        return [each for each in self.changes if each[3] and each[3][0] == "True" and each[4][0] != "True" and each[3][1] == each[4][1]]


def conditions(item):
    return {(parent["parentRef"]["name"], each["type"]): (each["status"], each.get("observedGeneration", 0))
            for parent in item.get("status", {}).get("parents", []) for each in parent.get("conditions", [])}


def programmed(item):
    return next((each for parent in item.get("status", {}).get("parents", []) for each in parent["conditions"] if each["type"] == OURS), None)


def leaders(*daemons):
    return [each.node for each in daemons if each.process.poll() is None and each.metrics("heddle_kube_leader").get("", 0) == 1]


def writes(daemon):
    return daemon.metrics("heddle_kube_status_writes_total").get('{result="written",}', 0)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--routes", type=int, default=20)
    asked = arguments.parse_args()
    with lab(daemon=False) as (api, first), SecondNode():
        first.node = "node1"
        second = OtherDaemon(first.work, node="node2", name="heddle-second", admin=15021)
        second.node = "node2"
        backends(api)
        path = f"{GATEWAY}/namespaces/{NS}/httproutes"
        names = [f"two-{each}" for each in range(asked.routes)]
        first.start()
        second.start()
        watcher = None
        try:
            api.all([(path, route(name, "echo", "echo-v1", f"/{name}")) for name in names])
            everywhere = lambda generation: all((found := programmed(each)) and found["status"] == "True" and found["message"].endswith("2 of 2 nodes")
                                                and found["observedGeneration"] >= generation for each in api.get(path)["items"])
            took = wait("every route in force on 2 of 2 nodes", lambda: everywhere(1), 60)
            print(f"{asked.routes} routes: {OURS}=True on 2 of 2 nodes after {took:.1f} s")
            lead = leaders(first, second)
            assert len(lead) == 1, f"leaders: {lead}"
            leader, other = (first, second) if lead == ["node1"] else (second, first)
            watcher = Watcher(api, path)
            quiet, counted = writes(other), writes(leader)
            for name in names:
                api.merge(f"{path}/{name}", {"spec": {"rules": [{"backendRefs": [{"name": "echo-v2", "port": 80}]}]}})
            wait("every change in force on 2 of 2 nodes", lambda: everywhere(2), 60)
            assert writes(other) == quiet, f"{other.node} does not lead and wrote {writes(other) - quiet} times"
            print(f"{asked.routes} changes: {leader.node} leads and wrote {writes(leader) - counted:.0f} times, {other.node} never")
            time.sleep(3)

            # a group of its own: `nice` and `nsenter` have become the daemon
            os.kill(leader.process.pid, signal.SIGKILL)
            leader.process.wait()
            killed = time.time()
            wait("another leader", lambda: leaders(other) == [other.node], 40)
            lead_after = time.time() - killed
            api.merge(f"{path}/{names[0]}", {"spec": {"rules": [{"backendRefs": [{"name": "echo-v1", "port": 80}]}]}})
            generation = api.get(f"{path}/{names[0]}")["metadata"]["generation"]
            wait("the new leader's status", lambda: conditions(api.get(f"{path}/{names[0]}")).get(("echo", "Accepted")) == ("True", generation), 20)
            print(f"{leader.node} killed: {other.node} leads after {lead_after:.1f} s, its first status {time.time() - killed:.1f} s after the kill")
            # the killed node counts until its Lease has run out (40 s); then one node is all
            wait("in force on all nodes that are left", lambda: (programmed(api.get(f"{path}/{names[0]}")) or {}).get("status") == "True", 70)
            time.sleep(2)
        finally:
            if watcher:
                watcher.end()
            second.stop()
        flaps = watcher.flaps()
        print(f"{len(watcher.changes)} condition changes seen, {len(flaps)} turned from True at the same generation")
        for each in flaps[:10]:
            say(*each)
        return 0 if not flaps and lead_after <= 20 else 1


if __name__ == "__main__":
    sys.exit(main())
