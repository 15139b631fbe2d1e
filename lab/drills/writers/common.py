"""What writers in a machine share. Settings are JSON, the first argument; the end of standard input ends the writer."""
import json
import sys
import threading
import time

settings = json.loads(sys.argv[1])
stopping = threading.Event()
printing = threading.Lock()


def environment(path):
    """Variables of a file as systemd reads it: NAME="value", with backslashes before what has a meaning."""
    values = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, quoted = line.rstrip("\n").partition("=")
            value, escaped = [], False
            for character in quoted.strip('"') if quoted[:1] == '"' else quoted:
                if character == "\\" and not escaped:
                    escaped = True
                    continue
                value.append(character)
                escaped = False
            values[name] = "".join(value)
    return values


def tell(key, begin, error=None):
    now = time.time()
    entry = {"id": key, "at": round(now * 1000, 1), "took": round((now - begin) * 1000, 1)}
    if error is not None:
        entry["error"] = " ".join(str(error).split())[:300] or type(error).__name__
    with printing:
        sys.stdout.write(json.dumps(entry) + "\n")
        sys.stdout.flush()


def run(connect, write, close):
    """Each worker has a connection of its own, writes one thing after another, and connects again after an error."""
    under_way = {}

    def work(worker):
        connection, sequence = None, 0
        while not stopping.is_set():
            sequence += 1
            key, begin = "%s-%d-%d" % (settings["run"], worker, sequence), time.time()
            under_way[worker] = (key, begin)
            try:
                if connection is None:
                    connection = connect()
                write(connection, key)
                told = None
            except Exception as error:  # whatever a client may meet
                told = error
                if connection is not None:
                    close(connection)
                connection = None
            if under_way.pop(worker, None) is None:
                return
            tell(key, begin, told)
            stopping.wait(settings["pause"] if told is None else 0.05)

    threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in range(settings["workers"])]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    until = time.time() + settings["patience"]
    for thread in threads:
        thread.join(max(0.0, until - time.time()))
    # What is still under way may yet happen: it was tried, and nobody knows.
    for worker in list(under_way):
        left = under_way.pop(worker, None)
        if left is not None:
            tell(left[0], left[1], "no answer when the writer ended")
