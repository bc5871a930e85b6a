#!/usr/bin/env python3
"""Pods that come and go in waves under load: each pod's first connect must be steered, and nothing may stay behind.
    waves.py [--pods 500] [--wave 50] [--rate 100]
The first thing that a pod's program does is a request to the Service `echo`; its route puts a mark on the answer. Run as root; see lab.py."""
import argparse, json, os, subprocess, sys, threading, time
from lab import *

FIRST = r'''
import os, socket, sys, time
born = time.time()
def ask():
    s = socket.create_connection((os.environ["ECHO"], 80), 10)
    s.sendall(b"GET / HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n")
    text = b""
    while b"\r\n\r\n" not in text:
        more = s.recv(65536)
        if not more: break
        text += more
    return text.lower()
def mark():
    try: return "steered" if b"x-mark: here" in ask() else "unsteered"
    except OSError as e: return "failed:" + type(e).__name__
first = mark()
tries = 0
while tries < 100 and mark() != "steered":
    tries += 1
    time.sleep(0.05)
s = socket.create_connection((os.environ["NODE"], int(os.environ["PORT"])))
s.sendall(f"{os.environ['NAME']} {first} {tries} {born}\n".encode())
s.close()
time.sleep(1000)
'''


def load(api, address, rate, stop, counts):
    """Requests from a pod that stays, to keep the mesh at work."""
    script = ("import http.client,time,sys\nc=None\nn=f=0\nwhile 1:\n try:\n  if n%50==0: c=http.client.HTTPConnection(sys.argv[1],80,timeout=10)\n"
              "  c.request('GET','/');r=c.getresponse();r.read();n+=1\n  f+=r.status!=200\n"
              " except Exception as e: f+=1;n+=1;c=http.client.HTTPConnection(sys.argv[1],80,timeout=10)\n"
              " if n%100==0: print(n,f,flush=True)\n time.sleep(1/float(sys.argv[2]))\n")
    api.create(f"/api/v1/namespaces/{NS}/pods", pod("load", ["python3", "-c", script, address, str(rate)]))


def left(api, daemon, before):
    """What is there now and was not before."""
    now = inventory(daemon)
    return {key: sorted(set(now[key]) - set(before[key]))[:10] if isinstance(now[key], list) else now[key] - before[key]
            for key in now if now[key] != before[key]}


def inventory(daemon):
    maps = {}
    for each in ("lsns", "wls", "flows"):
        dump = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", f"/sys/fs/bpf/{daemon.name}/v1/maps/mesh_{each}"], capture_output=True, text=True).stdout
        maps["map " + each] = len(json.loads(dump)) if dump.startswith("[") else -1
    listeners = 0
    for pid in [daemon.process.pid]:
        sockets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd") if os.path.lexists(f"/proc/{pid}/fd/{fd}")]
        namespaces = sum(each.startswith("/run/netns/") or "ns/net" in each or each.startswith("net:[") for each in sockets)
    cgroups = [path for path, _, _ in os.walk("/sys/fs/cgroup/unified/kubepods" if os.path.isdir("/sys/fs/cgroup/unified/kubepods") else "/sys/fs/cgroup/kubepods")]
    links = json.loads(subprocess.run(["bpftool", "-j", "link", "list"], capture_output=True, text=True).stdout or "[]")
    return {"namespaces": [each for each in os.listdir("/run/netns")], "cgroups": cgroups, "daemon's namespace descriptors": namespaces,
            "links": len(links), "network namespaces of the kernel": int(subprocess.run("lsns -t net -n -o NS | wc -l", shell=True, capture_output=True, text=True).stdout), **maps}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pods", type=int, default=500)
    arguments.add_argument("--wave", type=int, default=50)
    arguments.add_argument("--rate", type=float, default=100)
    arguments.add_argument("--pause", type=float, default=0)
    asked = arguments.parse_args()
    with lab() as (api, daemon):
        address = backends(api)
        api.create(f"{GATEWAY}/namespaces/{NS}/httproutes", route("mark", "echo", "echo-v1", mark="here"))
        load(api, address, asked.rate, None, None)
        wait("the load pod", lambda: running(api, "load"))
        time.sleep(3)
        before = inventory(daemon)
        collector = Collector()
        env = {"ECHO": address, "NODE": NODE_IP, "PORT": str(collector.port)}
        path = f"/api/v1/namespaces/{NS}/pods"
        made, begin = 0, time.time()
        while made < asked.pods:
            names = [f"wave-{each}" for each in range(made, min(asked.pods, made + asked.wave))]
            codes = api.all([(path, pod(name, ["python3", "-S", "-E", "-c", FIRST], env={**env, "NAME": name}, restartPolicy="Never")) for name in names])
            made += len(names)
            wait(f"the pods of the wave up to {made}", lambda: len(collector.seen()) >= made, 120)
            api.all([(f"{path}/{name}", {"gracePeriodSeconds": 0}) for name in names], "DELETE")
            say(f"{made} pods, {time.time() - begin:.0f} s, codes {sorted(codes)}")
        firsts = [line.split() for _, line in collector.seen()]
        kinds = {}
        for line in firsts:
            kinds[line[1]] = kinds.get(line[1], 0) + 1
        late = [int(line[2]) for line in firsts if line[1] != "steered"]
        wait("the pods' end", lambda: not any(each["metadata"]["name"].startswith("wave-") for each in api.get(path)["items"]), 60)
        try:
            wait("nothing left", lambda: not left(api, daemon, before), 20, 1)
        except SystemExit:
            pass
        remaining = left(api, daemon, before)
        print(f"{made} pods in waves of {asked.wave}: first connects {kinds}; left behind: {remaining or 'nothing'}")
        if late:
            print(f"the others were steered after {sorted(late)} tries of 50 ms")
        return 1 if remaining or set(kinds) != {"steered"} else 0


if __name__ == "__main__":
    sys.exit(main())
