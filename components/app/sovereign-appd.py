#!/usr/bin/python3
"""Request latencies from nginx as a Prometheus histogram (/metrics), the deep readiness probe (/readyz), and how far replicas are behind
(/replication).

nginx sends one datagram "<...>...: STATUS SECONDS" per request. Settings are a JSON file, the first argument.
"""
import csv
import http.server
import io
import json
import os
import shutil
import socket
import ssl
import sys
import threading
import time
import urllib.request

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
PROBE_SECONDS = 2.0
KEEP_SECONDS = 1.0
ANSWER_LIMIT = 4 * 1024 * 1024


class Latencies:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {code: [0] * (len(BUCKETS) + 1) for code in CLASSES}
        self.sums = dict.fromkeys(CLASSES, 0.0)
        self.malformed = 0

    def add(self, datagram):
        try:
            _, status, seconds = datagram.rsplit(b" ", 2)
            code = "%dxx" % (int(status) // 100)
            seconds = float(seconds)
            counts = self.counts[code]
            if not 0 <= seconds < 1e6:
                raise ValueError(seconds)
        except (ValueError, KeyError):
            with self.lock:
                self.malformed += 1
            return
        bucket = next((i for i, limit in enumerate(BUCKETS) if seconds <= limit), len(BUCKETS))
        with self.lock:
            counts[bucket] += 1
            self.sums[code] += seconds

    def lines(self):
        with self.lock:
            counts = {code: list(values) for code, values in self.counts.items()}
            sums, malformed = dict(self.sums), self.malformed
        name = "http_request_duration_seconds"
        yield "# HELP %s Time to answer, from the first byte of a request to the last of its answer, as nginx saw it." % name
        yield "# TYPE %s histogram" % name
        for code in CLASSES:
            total = 0
            for limit, count in zip(BUCKETS + (float("inf"),), counts[code]):
                total += count
                yield '%s_bucket{code="%s",le="%s"} %d' % (name, code, "+Inf" if limit == float("inf") else limit, total)
            yield '%s_sum{code="%s"} %.6f' % (name, code, sums[code])
            yield '%s_count{code="%s"} %d' % (name, code, total)
        yield "# HELP sovereign_request_log_malformed_total Lines of nginx that could not be read."
        yield "# TYPE sovereign_request_log_malformed_total counter"
        yield "sovereign_request_log_malformed_total %d" % malformed


def exchange(family, address, request, until):
    """What a service answers to a request, up to its end, a limit, or what `until` is content with."""
    deadline = time.monotonic() + PROBE_SECONDS
    answer = b""
    with socket.socket(family, socket.SOCK_STREAM) as conn:
        conn.settimeout(PROBE_SECONDS)
        conn.connect(address)
        conn.sendall(request)
        while len(answer) < ANSWER_LIMIT and not until(answer):
            conn.settimeout(max(0.01, deadline - time.monotonic()))
            part = conn.recv(65536)
            if not part:
                break
            answer += part
    return answer


def haproxy_stats(path):
    """State of every proxy: {proxy: {server: row}}."""
    text = exchange(socket.AF_UNIX, path, b"show stat\n", lambda answer: False).decode("utf-8", "replace")
    proxies = {}
    for row in csv.DictReader(io.StringIO(text.lstrip("# "))):
        proxies.setdefault(row["pxname"], {})[row["svname"]] = row
    return proxies


def up(row):
    return row is not None and row["status"].startswith("UP")


def servers(proxy):
    return {name: row for name, row in proxy.items() if name not in ("FRONTEND", "BACKEND")}


def check_workload(_, stats):
    return {"ok": up(stats["workload"].get("workload")), "waiting": int(stats["workload"]["BACKEND"]["qcur"])}


def check_postgres(settings, stats):
    primaries = [name for name, row in servers(stats["postgres-primary"]).items() if up(row)]
    replicas = {name: row["status"] for name, row in servers(stats.get("postgres-replicas", {})).items() if name not in primaries}
    with socket.create_connection(("127.0.0.1", settings["pgbouncer"]), PROBE_SECONDS):
        pass
    return {"ok": len(primaries) == 1, "primary": primaries[0] if len(primaries) == 1 else None, "replicas": replicas}


def check_redis(settings, stats):
    """Asks through HAProxy. Any master answers that the probe has not logged in; without one the connection is cut."""
    address = ("127.0.0.1", settings["port"])
    answer = exchange(socket.AF_INET, address, b"PING\r\n", lambda answer: answer.endswith(b"\r\n"))
    masters = []
    for name, choice in settings["nodes"].items():
        voted = int(stats[choice["sentinels"]]["BACKEND"]["act"]) >= settings["quorum"] if "sentinels" in choice else True
        if voted and up(stats[choice["backend"]].get(name)):
            masters.append(name)
    return {"ok": answer.startswith((b"+PONG", b"-NOAUTH")), "master": masters[0] if len(masters) == 1 else None}


def check_disk(settings, _):
    usage = shutil.disk_usage(settings["path"])
    free = 100.0 * usage.free / usage.total
    return {"ok": free >= settings["minFreePercent"], "freePercent": round(free, 1)}


CHECKS = {"workload": check_workload, "postgres": check_postgres, "redis": check_redis, "disk": check_disk}


class Observed:
    """What look() finds: the same for all who ask within a second, so that probes cost little however many there are."""

    def __init__(self, settings):
        self.settings = settings
        self.lock = threading.Lock()
        self.kept = None
        self.kept_at = 0.0

    def state(self):
        with self.lock:
            if self.kept is None or time.monotonic() - self.kept_at > KEEP_SECONDS:
                self.kept = self.look()
                self.kept_at = time.monotonic()
            return self.kept


class Readiness(Observed):
    def look(self):
        try:
            stats, trouble = haproxy_stats(self.settings["haproxy"]), None
        except OSError as error:
            stats, trouble = {}, "HAProxy does not tell: %s" % error
        checks = {}
        for name, check in self.settings["checks"].items():
            try:
                checks[name] = CHECKS[check["kind"]](check, stats)
            except OSError as error:
                checks[name] = {"ok": False, "error": str(error)}
            except KeyError as error:
                checks[name] = {"ok": False, "error": trouble or "HAProxy does not know %s" % error}
        return {"ready": all(check["ok"] for check in checks.values()), "checks": checks}


class Replication(Observed):
    """What Patroni says of the nodes of Postgres; asked of those that are near first."""

    def look(self):
        nodes, here = self.settings["nodes"], self.settings["location"]
        context = ssl.create_default_context(cafile=self.settings["authority"])
        errors = []
        for name, node in sorted(nodes.items(), key=lambda item: item[1]["location"] != here):
            url = "https://%s:%d/cluster" % (node["address"], self.settings["port"])
            try:
                with urllib.request.urlopen(url, timeout=PROBE_SECONDS, context=context) as answer:
                    return self.told(json.loads(answer.read(ANSWER_LIMIT))["members"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                errors.append("%s: %s" % (name, error))
        return {"error": "; ".join(errors)}

    def told(self, members):
        nodes, here = self.settings["nodes"], self.settings["location"]
        known = [m for m in members if m["name"] in nodes]
        replicas = [
            {
                "name": m["name"],
                "location": nodes[m["name"]]["location"],
                "streaming": m["state"] == "streaming",
                "lagBytes": m["lag"] if isinstance(m.get("lag"), int) else None,
            }
            for m in known
            if m["role"] not in ("leader", "standby_leader")
        ]
        primary = next(({"name": m["name"], "location": nodes[m["name"]]["location"]} for m in known if m["role"] == "leader"), None)
        return {"location": here, "primary": primary, "replicas": replicas}


def metrics(latencies, readiness):
    yield from latencies.lines()
    yield "# HELP sovereign_ready Whether a part that this server needs is there: 1 or 0."
    yield "# TYPE sovereign_ready gauge"
    for name, check in readiness.state()["checks"].items():
        yield 'sovereign_ready{check="%s"} %d' % (name, check["ok"])


def handler(latencies, readiness, replication):
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 5
        server_version = "sovereign-appd"
        sys_version = ""

        def do_GET(self):
            if self.path == "/metrics":
                text = "".join(line + "\n" for line in metrics(latencies, readiness))
                self.answer(200, "text/plain; version=0.0.4; charset=utf-8", text)
            elif self.path == "/readyz":
                state = readiness.state()
                self.answer(200 if state["ready"] else 503, "application/json", json.dumps(state) + "\n")
            elif self.path == "/location":
                # For everybody: nothing but whether visitors should come here. A full disk is this server's alone.
                checks = readiness.state()["checks"]
                ready = all(check["ok"] for name, check in checks.items() if name != "disk")
                self.answer(200 if ready else 503, "text/plain", "ready\n" if ready else "not ready\n")
            elif self.path == "/replication" and replication:
                state = replication.state()
                self.answer(503 if "error" in state else 200, "application/json", json.dumps(state) + "\n")
            else:
                self.answer(404, "text/plain", "not found\n")

        def answer(self, status, content_type, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def receive(listening, latencies):
    while True:
        latencies.add(listening.recv(4096).rstrip(b"\n\0"))


def notify_ready():
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as conn:
            conn.sendto(b"READY=1", "\0" + path[1:] if path.startswith("@") else path)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    latencies, readiness = Latencies(), Readiness(settings)
    replication = Replication(settings["replication"]) if "replication" in settings else None
    requests = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    requests.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    if os.path.exists(settings["requests"]):
        os.unlink(settings["requests"])
    requests.bind(settings["requests"])
    os.chmod(settings["requests"], 0o666)
    threading.Thread(target=receive, args=(requests, latencies), daemon=True).start()
    server = http.server.ThreadingHTTPServer(("0.0.0.0", settings["port"]), handler(latencies, readiness, replication))
    server.daemon_threads = True
    notify_ready()
    server.serve_forever()


main()
