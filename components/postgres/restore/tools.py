# Programs of the machine, and what the store and Patroni say through them.

LOG = "/var/log/sovereign-postgres-restore.log"


def say(text):
    line = f"{datetime.datetime.now(UTC):%H:%M:%S}  {text}"
    # The terminal may be gone by now: the restore is not given up for that.
    for write in (lambda: print(line, flush=True), lambda: print(line, file=open(LOG, "a", encoding="utf-8"))):
        try:
            write()
        except OSError:
            pass


def run(*argv, postgres=False, check=True, env=None, error=Refused):
    # A session of its own: Ctrl-C is for this program, which ends or backs out in its own order.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if postgres else {}
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LANG": "C.UTF-8", "HOME": "/tmp", **(env or {})}
    ran = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/", env=environment, start_new_session=True, **user)
    if check and ran.returncode != 0:
        said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()[-3:]
        raise error(f"{' '.join(argv[:4])} ended with {ran.returncode}: {' | '.join(said)}")
    return ran


def sql(statement, folder=None, port=5432, error=Refused):
    ran = run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", folder or SETTINGS["socket"], "-p", str(port), "-U", "postgres", "-d", "postgres",
              "-c", statement, postgres=True, env={"PGCONNECT_TIMEOUT": "5"}, error=error)
    return ran.stdout.strip()


def pgbackrest(*args):
    return run("pgbackrest", f"--stanza={SETTINGS['stanza']}", *args, postgres=True).stdout


def pg_ctl(data, *args, check=True):
    return run(f"{SETTINGS['binaries']}/pg_ctl", "-D", data, "-w", *args, postgres=True, check=check)


def wait(what, seconds, look):
    """Until look() gives something; says every ten seconds what is still missing."""
    begin = told = time.monotonic()
    while True:
        try:
            seen, why = look()
        except Busy as busy:
            seen, why = None, busy
        if seen:
            return seen
        if time.monotonic() - begin > seconds:
            raise Refused(f"{what}: not within {seconds} s: {why}")
        if time.monotonic() - told >= 10:
            told = time.monotonic()
            say(f"... {what}: {why}")
        time.sleep(1)


def size(number):
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def used(folder):
    return int(run("du", "-sB1", folder, check=False).stdout.split("\t")[0] or 0) if os.path.isdir(folder) else 0


class Store:
    def __init__(self):
        stanzas = json.loads(pgbackrest("info", "--output=json"))
        stanza = next((one for one in stanzas if one["name"] == SETTINGS["stanza"]), None)
        if stanza is None or not stanza.get("backup"):
            raise Refused(f"the store has no backup: {stanza['status']['message'] if stanza else 'nothing is there'}")
        self.busy = stanza["status"]["lock"]["backup"]["held"]
        database = max(stanza["backup"], key=lambda backup: backup["timestamp"]["stop"])["database"]["id"]
        self.system = next(str(db["system-id"]) for db in stanza["db"] if db["id"] == database)
        self.archive = next(a for a in stanza["archive"] if a["database"]["id"] == database)
        self.backups = [
            {
                "label": backup["label"], "stop": datetime.datetime.fromtimestamp(backup["timestamp"]["stop"], UTC),
                "timeline": int(backup["archive"]["start"][:8], 16), "lsn": lsn(backup["lsn"]["stop"]), "size": backup["info"]["size"],
            }
            for backup in stanza["backup"]
            if backup["database"]["id"] == database and not backup.get("error")
        ]
        self.timelines = {1: {"created": LONG_AGO, "chain": [], "back": None}}
        self.folder = f"archive/{SETTINGS['stanza']}/{self.archive['id']}"
        for name, file in self.files("", r"[0-9A-F]{8}\.history$").items():
            if file["type"] == "file":
                chain, back = history(pgbackrest("repo-get", f"{self.folder}/{name}"))
                self.timelines[int(name[:8], 16)] = {"created": datetime.datetime.fromtimestamp(file["time"], UTC), "chain": chain, "back": back}

    def files(self, folder, pattern):
        return json.loads(pgbackrest("repo-ls", self.folder + folder, "--output=json", f"--filter=^{pattern}"))

    def holds(self, wal):
        return any(file["type"] == "file" for file in self.files(f"/{wal[:16]}", f"{wal}-").values())


class Cluster:
    """What Patroni knows of the cluster, through its own tools."""

    def __init__(self):
        with open(SETTINGS["patroni"], encoding="utf-8") as file:
            config = yaml.safe_load(file)
        self.scope, self.name, self.etcd = config["scope"], config["name"], config["etcd3"]

    def ctl(self, *args, check=True):
        return run("patronictl", "-c", SETTINGS["patroni"], *args, check=check, error=Busy)

    def members(self):
        return {member["Member"]: member for member in json.loads(self.ctl("list", self.scope, "-f", "json").stdout)}

    def leader(self):
        return next((name for name, member in self.members().items() if "Leader" in member["Role"]), None)

    def paused(self):
        return re.search(r"^pause: true$", self.ctl("show-config", self.scope).stdout, re.M) is not None

    def initialize(self, *value):
        endpoints = ",".join(f"https://{host}" for host in self.etcd["hosts"])
        env = {"ETCDCTL_API": "3", "ETCDCTL_ENDPOINTS": endpoints, "ETCDCTL_CACERT": self.etcd["cacert"], "ETCDCTL_CERT": self.etcd["cert"], "ETCDCTL_KEY": self.etcd["key"]}
        key = f"/service/{self.scope}/initialize"
        return run("etcdctl", *(["put", key, *value] if value else ["get", "--print-value-only", key]), env=env, error=Busy).stdout.strip()

    def rebuild(self, member):
        def look():
            said = self.ctl("reinit", self.scope, member, "--force", check=False)
            return "Success" in said.stdout, (said.stdout + said.stderr).strip().splitlines()[-1:]
        wait(f"{member} begins to copy", 60, look)
