#!/usr/bin/env python3
"""Pods that come and go in waves under load: how many first connects were steered, when the others were, and that nothing stays behind.
    waves.py [--pods 500] [--wave 50] [--rate 100] [--strict]
The first thing that a pod's program does is a request to the Service `echo`; its route puts a mark on the answer. Run as root; see lab.py."""
import argparse, contextlib, json, os, subprocess, sys, time
from lab import *

FIRST = r'''
import os, socket, sys, time
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
asked = time.time()
first = mark()
late = 0
while first != "steered" and mark() != "steered":
    late = time.time() - asked
    if late > 30:
        late = -1
        break
    time.sleep(0.02)
s = socket.create_connection((os.environ["NODE"], int(os.environ["PORT"])))
s.sendall(f"{os.environ['NAME']} {first} {os.getpid()} {late}\n".encode())
s.close()
time.sleep(1000)
'''


def load(api, address, rate):
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
    pins = f"/sys/fs/bpf/{daemon.name}"
    for each in ("lsns", "wls", "flows"):
        dump = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", f"{pins}/v1/maps/mesh_{each}"], capture_output=True, text=True).stdout
        maps["entries of mesh_" + each] = len(json.loads(dump)) if dump.startswith("[") else -1
    mount = next(line.split()[1] for line in open("/proc/mounts") if line.split()[2] == "cgroup2")
    descriptors = []
    for each in os.listdir(f"/proc/{daemon.process.pid}/fd"):
        with contextlib.suppress(OSError):
            descriptors.append(os.readlink(f"/proc/{daemon.process.pid}/fd/{each}"))
    return {"namespaces": [each for each in os.listdir("/run/netns") if each.startswith("pod-")],
            "cgroups": [path for path, _, _ in os.walk(f"{mount}/kubepods")],
            "links": sum(len(files) for _, _, files in os.walk(pins)),
            "daemon's namespaces": sum("ns/net" in each or each.startswith("net:[") or "/run/netns/" in each for each in descriptors),
            "daemon's sockets": sum(each.startswith("socket:") for each in descriptors) // 5, **maps}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pods", type=int, default=500)
    arguments.add_argument("--wave", type=int, default=50)
    arguments.add_argument("--rate", type=float, default=100)
    arguments.add_argument("--strict", action="store_true", help="fail unless each first connect was steered")
    asked = arguments.parse_args()
    with lab() as (api, daemon):
        address = backends(api)
        api.create(f"{GATEWAY}/namespaces/{NS}/httproutes", route("mark", "echo", "echo-v1", mark="here"))
        load(api, address, asked.rate)
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
        late = [float(line[3]) for line in firsts if line[1] != "steered"]
        never = sum(float(line[3]) < 0 for line in firsts)
        wait("the pods' end", lambda: not any(each["metadata"]["name"].startswith("wave-") for each in api.get(path)["items"]), 60)
        try:
            wait("nothing left", lambda: not left(api, daemon, before), 20, 1)
        except SystemExit:
            pass
        remaining = left(api, daemon, before)
        print(f"{made} pods in waves of {asked.wave}: first connects {kinds}; left behind: {remaining or 'nothing'}")
        if late:
            print(f"the others were steered later, after: p50 {quantile(late, .5) * 1000:.0f} ms, p99 {quantile(late, .99) * 1000:.0f} ms; never: {never}")
        return 1 if remaining or never or (asked.strict and set(kinds) != {"steered"}) else 0


if __name__ == "__main__":
    sys.exit(main())
