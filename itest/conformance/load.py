"""Requests at a steady rate from inside of a pod, some on new connections and some on kept ones; what goes wrong is said by kind.
    load.py ADDRESS RATE COLLECTOR_PORT NODE_IP     (a line each second: sent, answered, then KIND=COUNT)"""
import socket, sys, threading, time

ADDRESS, RATE, PORT, NODE = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
WORKERS, KEEP = 8, 20
count = {}
lock = threading.Lock()


def note(kind):
    with lock:
        count[kind] = count.get(kind, 0) + 1


class Connection:
    def __init__(self):
        self.socket = socket.create_connection((ADDRESS, 80), 10)
        self.buffer = b""

    def ask(self):
        """Gives whether the connection may be used again."""
        self.socket.sendall(b"GET / HTTP/1.1\r\nHost: echo\r\n\r\n")
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if fields.get("transfer-encoding") == "chunked":
            while not (self.buffer.endswith(b"0\r\n\r\n")):
                self.more()
            self.buffer = b""
        else:
            length = int(fields.get("content-length", 0))
            while len(self.buffer) < length:
                self.more()
            self.buffer = self.buffer[length:]
        status = lines[0].split()[1]
        note("ok" if status == "200" else "status-" + status)
        if "x-mark" in fields:
            note("steered")
        return fields.get("connection") != "close"

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError()
        self.buffer += piece


def work():
    due = time.monotonic()
    connection, used = None, 0
    while True:
        due += WORKERS / RATE
        time.sleep(max(0, due - time.monotonic()))
        note("sent")
        fresh = connection is None
        try:
            if fresh:
                connection, used = Connection(), 0
            used += 1
            again = connection.ask()
            if not again or used >= KEEP:
                connection.socket.close()
                connection = None
        except OSError as error:
            note(("new-" if fresh else "kept-") + type(error).__name__)
            connection = None
        except EOFError:
            note("new-closed" if fresh else "kept-closed")
            connection = None


for _ in range(WORKERS):
    threading.Thread(target=work, daemon=True).start()
out = socket.create_connection((NODE, PORT))
while True:
    time.sleep(0.5)
    with lock:
        line = " ".join(f"{kind}={number}" for kind, number in sorted(count.items()))
    out.sendall((line + "\n").encode())
