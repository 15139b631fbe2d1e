#!/usr/bin/python3
"""Watches the monitoring host from another one.

Lets this machine's blackbox exporter ask whether Prometheus and Alertmanager work. When something does not, several times in a row,
it posts an alert to the receivers itself, as Alertmanager would have, and once more when it is over. What could not be posted is
tried again at the next run.
"""
import concurrent.futures
import datetime
import http.client
import json
import os
import re
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SUCCESS = re.compile(rb"^probe_success ([01])$", re.MULTILINE)
MOST_BYTES = 65536
NEVER = "0001-01-01T00:00:00Z"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is for the address in the configuration and for no other."""

    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def works(config, check):
    """Whether a check succeeds. Raises when the exporter cannot say."""
    query = urllib.parse.urlencode({"module": check["module"], "target": check["target"]})
    with opener.open(f"{config['exporter']}/probe?{query}", timeout=config["timeout"]) as answer:
        found = SUCCESS.search(answer.read(MOST_BYTES))
    if not found:
        raise OSError("it does not say whether the probe succeeded")
    return found.group(1) == b"1"


def after(state, results, now, config):
    """The state after a round of checks: how often each failed in a row, and since when the alert is on."""
    failures = {name: 0 if fine else state["failures"].get(name, 0) + 1 for name, fine in results.items()}
    seen = state["seen"] or not any(failures.values())
    # A machine that is made together with the monitoring host may be up long before it.
    patience = {check["name"]: check["failures"] if seen else config["failuresBeforeSeen"] for check in config["checks"]}
    known = {receiver["name"] for receiver in config["receivers"]}
    told = {name: entry for name, entry in state["told"].items() if name in known}
    since, until = state["since"], state["until"]
    if any(count >= patience[name] for name, count in failures.items()):
        if since is None or until is not None:
            since, until = now, None
    elif since is not None and until is None and not any(failures.values()):
        until = now
    if until is not None:
        waits = any(entry["status"] == "firing" for entry in told.values())
        if not waits or now - until >= config["repeatAfter"]:
            since, until, told = None, None, {}
    return {"seen": seen, "failures": failures, "since": since, "until": until, "told": told}


def due(state, now, config):
    """Receivers that have to be told now."""

    def is_due(receiver):
        entry = state["told"].get(receiver["name"])
        if state["until"] is not None:
            return entry is not None and entry["status"] == "firing"
        return entry is None or entry["status"] != "firing" or now - entry["at"] >= config["repeatAfter"]

    return [receiver for receiver in config["receivers"] if state["since"] is not None and is_due(receiver)]


def fingerprint(labels):
    """Alertmanager's: FNV-1a over the sorted labels."""
    value = 14695981039346656037
    for name, text in sorted(labels.items()):
        for byte in name.encode() + b"\xff" + text.encode() + b"\xff":
            value = (value ^ byte) * 1099511628211 % 2**64
    return f"{value:016x}"


def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def notification(state, receiver, config):
    """The body that Alertmanager would have posted."""
    alert = config["alert"]
    labels = alert["labels"]
    wrong = [check["means"] for check in config["checks"] if state["failures"].get(check["name"])]
    what = "; ".join(wrong) or "all works again"
    annotations = {**alert["annotations"], "summary": f"{alert['annotations']['summary']}: {what}"}
    status = "firing" if state["until"] is None else "resolved"
    group = {name: labels[name] for name in ("alertname", "location")}
    return {
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in group.items()) + "}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": receiver["name"],
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": config["externalUrl"],
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": instant(state["since"]),
                "endsAt": NEVER if state["until"] is None else instant(state["until"]),
                "generatorURL": "",
                "fingerprint": fingerprint(labels),
            }
        ],
    }


def post(receiver, body, timeout):
    request = urllib.request.Request(receiver["url"], json.dumps(body).encode(), {"Content-Type": "application/json"})
    if receiver["hasToken"]:
        with open(os.path.join(os.environ["CREDENTIALS_DIRECTORY"], receiver["name"])) as file:
            request.add_unredirected_header("Authorization", f"Bearer {file.read().strip()}")
    with opener.open(request, timeout=timeout):
        pass


def tell(receivers, state, now, config):
    """Posts to all of them at once, notes who was told, and returns whether all were."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        posts = {r["name"]: pool.submit(post, r, notification(state, r, config), config["timeout"]) for r in receivers}
    for name, sent in posts.items():
        error = sent.exception()
        if error is None:
            state["told"][name] = {"status": "firing" if state["until"] is None else "resolved", "at": now}
        else:
            print(f"{name} could not be told: {type(error).__name__}: {error}", file=sys.stderr)
    return all(sent.exception() is None for sent in posts.values())


def read(path):
    fresh = {"seen": False, "failures": {}, "since": None, "until": None, "told": {}}
    try:
        with open(path) as file:
            return {**fresh, **json.load(file)}
    except FileNotFoundError:
        return fresh
    except (ValueError, TypeError):
        print(f"{path} cannot be read: starting anew", file=sys.stderr)
        return fresh


def write(path, value):
    """Readers see the old file or the new one, never a part."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(value, file, indent=1)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main(config_path, now):
    with open(config_path) as file:
        config = json.load(file)
    try:
        with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
            answers = pool.map(lambda check: (check["name"], works(config, check)), config["checks"])
            results = dict(answers)
    except (OSError, http.client.HTTPException) as error:
        # That the exporter is down says nothing about the monitoring host, and is noticed there.
        print(f"the blackbox exporter of this machine cannot be asked: {error}", file=sys.stderr)
        return 1
    state = after(read(config["state"]), results, now, config)
    all_told = tell(due(state, now, config), state, now, config)
    write(config["state"], state)
    return 0 if all_told else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else time.time()))
