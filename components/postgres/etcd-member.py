#!/usr/bin/python3 -I
"""usage: etcd-member belongs    whether etcd is to start here: not once the others have taken this member out
       etcd-member prepare    before etcd starts: found the membership, join the one that there is, or go on with the data
       etcd-member settle     after a member has joined: it gets a vote, and members that the stack no longer names lose theirs"""
import json, os, shutil, ssl, subprocess, sys, time, urllib.request

SETTINGS = {}
ME, MEMBERS = SETTINGS["self"], SETTINGS["members"]
DATA, CONFIG = SETTINGS["data"] + "/data", SETTINGS["data"] + "/etcd.yml"
# What the stack named when this member joined, taken away by a machine that it does not name; and that there is work left in `settle`.
KNOWN, JOINED = SETTINGS["data"] + "/members", SETTINGS["data"] + "/joined"


def say(text):
    print("etcd-member: " + text, file=sys.stderr, flush=True)


def peer_url(name):
    return "https://%s:%d" % (MEMBERS[name], SETTINGS["peerPort"])


def named():
    return json.dumps([SETTINGS["generation"], MEMBERS], sort_keys=True)


def listed():
    """Members as another one has them, without asking for a majority; None when nobody answers."""
    tls = ssl.create_default_context(cafile=SETTINGS["ca"])
    tls.load_cert_chain(SETTINGS["certificate"], SETTINGS["key"])
    for name in MEMBERS:
        if name == ME:
            continue
        try:
            with urllib.request.urlopen(peer_url(name) + "/members", timeout=2, context=tls) as answer:
                found = json.load(answer)
        except (OSError, ValueError):
            continue
        if found:
            return found
    return None


def etcdctl(*arguments):
    others = ",".join("https://%s:%d" % (a, SETTINGS["clientPort"]) for n, a in MEMBERS.items() if n != ME or "settle" in sys.argv)
    tls = ["--cacert", SETTINGS["ca"], "--cert", SETTINGS["certificate"], "--key", SETTINGS["key"]]
    ran = subprocess.run(["etcdctl", "--endpoints", others, "--command-timeout=5s", *tls, *arguments],
                         env={"ETCDCTL_API": "3", "PATH": os.environ.get("PATH", "/usr/bin")}, capture_output=True, text=True)
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or ["etcdctl failed"]
        raise RuntimeError(lines[-1][-300:])
    return ran.stdout


def mine(members):
    return next((m for m in members if peer_url(ME) in m["peerURLs"]), None)


def hexadecimal(member):
    return format(int(member["id"]), "x")


def write(text, path):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.replace(path + ".new", path)


def configure(state, members):
    cluster = ",".join("%s=%s" % (name, url) for name, url in members)
    lines = open(SETTINGS["config"]).read()
    write(lines + "initial-cluster: %s\ninitial-cluster-state: %s\n" % (cluster, state), CONFIG)


def names(members):
    by_url = {peer_url(name): name for name in MEMBERS}
    return [(m.get("name") or by_url.get(url) or "member-" + hexadecimal(m), url) for m in members for url in m["peerURLs"][:1]]


def left_out():
    """Whether the others have removed this member, which has data, and the stack has said nothing new since."""
    members = listed() if os.path.isdir(DATA + "/member") else None
    if members is None or mine(members):
        return False
    if os.path.exists(KNOWN) and open(KNOWN).read() == named():
        return True
    say("was removed, and the stack names it again: joins anew")
    shutil.rmtree(DATA)
    return False


def join(members):
    own = mine(members)
    if own and not own.get("clientURLs"):
        # Founders have names before they start; who was added gets one by starting.
        return configure("new" if own.get("name") else "existing", names(members))
    if own:
        say("has lost its data: takes itself out and joins anew")
        etcdctl("member", "remove", hexadecimal(own))
    if any(m.get("isLearner") for m in members):
        # etcd takes one at a time.
        raise RuntimeError("waits until another one that joins has its vote")
    write("", JOINED)
    etcdctl("member", "add", ME, "--learner", "--peer-urls", peer_url(ME))
    raise RuntimeError("was added")


def belongs():
    if not left_out():
        return 0
    say("is no longer a member: another machine votes in its place. It stays out until the stack names it with a new generation of this machine")
    return 1


def prepare():
    if os.path.isdir(DATA + "/member"):
        configure("existing", [(name, peer_url(name)) for name in MEMBERS])
        return 0
    told = ""
    while True:
        members = listed()
        try:
            if members is not None:
                join(members)
                break
            if ME == SETTINGS["founder"]:
                configure("new", [(name, peer_url(name)) for name in MEMBERS])
                break
            problem = "waits for " + SETTINGS["founder"] + ", which founds the membership"
        except RuntimeError as error:
            problem = str(error)
        if problem != told:
            say(problem)
            told = problem
        time.sleep(0.5)
    write(named(), KNOWN)
    return 0


def all_vote(members):
    voters = {url for m in members if not m.get("isLearner") and m.get("clientURLs") for url in m["peerURLs"]}
    return all(peer_url(name) in voters for name in MEMBERS)


def settle_once():
    """Whether there is nothing left to do."""
    members = listed() or []
    own = mine(members)
    if own and own.get("isLearner"):
        etcdctl("member", "promote", hexadecimal(own))
        return False
    if not own or not all_vote(members):
        return False
    # Each of those that stay answers, so that a majority of them is left after every step.
    etcdctl("endpoint", "health")
    wanted = {peer_url(name) for name in MEMBERS}
    for member in members:
        if not wanted & set(member["peerURLs"]):
            say("takes the vote from " + (member.get("name") or hexadecimal(member)))
            etcdctl("member", "remove", hexadecimal(member))
            return False
    os.remove(JOINED)
    return True


def settle():
    told = ""
    while os.path.exists(JOINED):
        try:
            if settle_once():
                say("all members vote: " + ", ".join(MEMBERS))
        except RuntimeError as error:
            if str(error) != told:
                told = str(error)
                say(told)
        time.sleep(2)
    return 0


commands = {"belongs": belongs, "prepare": prepare, "settle": settle}
if len(sys.argv) != 2 or sys.argv[1] not in commands:
    print(__doc__, file=sys.stderr)
    sys.exit(255)
try:
    sys.exit(commands[sys.argv[1]]())
except OSError as error:
    say(str(error))
    sys.exit(255)
