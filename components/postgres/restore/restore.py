# The restore itself, step by step.

class Restore:
    def __init__(self, options, lock):
        self.when = None if options.to == "latest" else moment(options.to)
        if self.when and self.when > datetime.datetime.now(UTC):
            raise Refused(f"{shown(self.when)} is in the future: it is {shown(datetime.datetime.now(UTC))[:19]}+00 now")
        self.options, self.lock, self.cluster, self.store = options, lock, Cluster(), Store()
        self.data, self.began, self.known, self.wal = SETTINGS["data"], datetime.datetime.now(UTC), "", ""
        self.copy, self.aside = f"{self.data}.restored", f"{self.data}.before-{self.began:%Y%m%dT%H%M%SZ}"
        self.timeline = options.timeline or timeline_at(self.store.timelines, self.when)
        if self.timeline not in self.store.timelines:
            raise Refused(f"the store has no timeline {self.timeline}: it has {', '.join(map(str, sorted(self.store.timelines)))}")
        self.backup = backup_for(self.store.backups, self.store.timelines, self.timeline, self.when)
        if self.backup is None:
            earliest = min(backup["stop"] for backup in self.store.backups)
            raise Refused(f"no backup lies before {options.to} on timeline {self.timeline}: the earliest moment is just after {shown(earliest)}")

    def plan(self):
        """Checks, and says what it comes to."""
        members, leader = self.cluster.members(), self.cluster.leader()
        if leader and leader != self.cluster.name:
            raise Refused(f"{leader} is the primary: run this there")
        if self.cluster.paused():
            raise Refused(f"Patroni is paused: somebody is at work, or a restore was cut off. Then, on the machine where it was: systemctl start patroni; patronictl -c {SETTINGS['patroni']} resume {self.cluster.scope}")
        if self.store.busy:
            raise Refused("a backup is running: wait for its end, or stop it: systemctl stop 'sovereign-postgres-backup@*'")
        self.live = leader is not None
        self.others = [name for name in members if name != self.cluster.name]
        silent = [name for name in self.others if members[name]["State"] in ("unknown", "")]
        self.same = not self.live or sql("SELECT system_identifier FROM pg_control_system()") == self.store.system
        if glob.glob(f"{self.data}/pg_tblspc/*"):
            raise Refused("the cluster has tablespaces: they cannot be restored beside the data")
        now = used(self.data)
        free = shutil.disk_usage(os.path.dirname(self.data)).free
        need = int(max(self.backup["size"], now if self.same else 0) * 1.1) + 256 * 1024 * 1024
        say(f"cluster   {self.cluster.scope}: {'primary ' + leader if leader else 'no primary'}, then {', '.join(self.others) or 'no other node'}")
        say(f"moment    {shown(self.when) if self.when else 'the end of the WAL'}, on timeline {self.timeline}")
        say(f"backup    {self.backup['label']}, complete at {shown(self.backup['stop'])}, {size(self.backup['size'])}; then WAL")
        say(f"room      {size(need)} needed beside the {size(now)} of data, {size(free)} free")
        if not self.same:
            say("note      this cluster was made anew: it is not the one of the backups, and its data are set aside")
        for name in silent:
            say(f"note      {name} does not answer: once it is back: patronictl -c {SETTINGS['patroni']} reinit {self.cluster.scope} {name}")
        self.others = [name for name in self.others if name not in silent]
        if self.options.discard and not self.live and os.path.isdir(self.data):
            raise Refused("--discard without a primary could delete rows that no other node has: bring the cluster up first, or enlarge storageGb (grows in place) and leave --discard out")
        if self.options.discard and self.same and os.path.isdir(self.data) and not any(members[name]["State"] in ("streaming", "running") for name in self.others):
            raise Refused("--discard would delete the only copy of the data before it is known whether the backup can be restored: no other node has them. "
                          "Enlarge storageGb (grows in place) and leave --discard out")
        if free < need and not self.options.discard:
            raise Refused("there is no room for both the data and the restored copy: enlarge storageGb (grows in place), or add --discard, which deletes this machine's data first")

    def secure(self):
        """All WAL up to now, with a commit after the moment: recovery knows by it that it has arrived."""
        sql("SET synchronous_commit = local; SELECT pg_current_xact_id()")
        wal = sql("SELECT pg_walfile_name(pg_switch_wal())")

        def look():
            last = sql("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
            return last[:24] >= wal, f"the last one there is {last or 'none'}"
        wait(f"WAL up to {wal} is in the store", 120, look)
        # PostgreSQL takes for archived what pgBackRest dropped because too much of it waited.
        if self.store.holds(wal):
            self.wal = wal
        elif self.options.discard or not self.when:
            raise Refused(f"{wal} is not in the store: WAL was dropped while it could not be reached, so what was written since could not be had back. "
                          "First: systemctl start sovereign-postgres-backup@full")
        else:
            say(f"note      {wal} is not in the store, WAL was dropped: there is no way back from here but the data kept aside")

    def fetch(self):
        # What a restore left behind that was killed.
        pg_ctl(self.copy, "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.copy, ignore_errors=True)
        run("mkdir", "-m", "0700", self.copy, postgres=True)
        target = ["--type=time", f"--target={shown(self.when)}"] if self.when else ["--type=default"]
        argv = ["pgbackrest", f"--stanza={SETTINGS['stanza']}", f"--pg1-path={self.copy}", "--no-delta", f"--set={self.backup['label']}", *target,
                f"--target-timeline={self.timeline}", *(["--target-action=promote"] if self.when else []), "--log-level-console=detail", "restore"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, cwd="/", start_new_session=True,
                              user="postgres", group="postgres", extra_groups=[]) as child:
            try:
                told, at, last = 0, time.monotonic(), []
                for line in child.stdout:
                    last = [*last[-3:], line.strip()]
                    percent = re.search(r", (\d+)\.\d+%\)", line)
                    if percent and int(percent[1]) >= told + 10 and time.monotonic() - at >= 3:
                        told, at = int(percent[1]), time.monotonic()
                        say(f"... {told} % of the backup is here")
            except BaseException:
                child.kill()
                raise
        if child.returncode != 0:
            raise Refused(f"pgbackrest restore ended with {child.returncode}: {' | '.join(last)}")

    def recover(self):
        """Replays WAL up to the moment, as a server of its own that nobody else reaches, and that sends nothing to the store yet."""
        log, hba = f"{self.copy}/restore.log", f"{self.copy}/restore.hba"
        # As postgres: the folder is its own, and what root wrote there could be led elsewhere by a link.
        for path, content in ((log, ""), (hba, "local all postgres peer\n"), (hba + ".map", "")):
            run("sh", "-c", 'printf %s "$1" > "$2"', "sh", content, path, postgres=True)
        options = {
            "port": "5499", "listen_addresses": "", "unix_socket_directories": self.copy, "hba_file": hba, "ident_file": hba + ".map",
            "archive_command": "", "ssl": "off", "hot_standby": "off", "shared_buffers": "128MB", "synchronous_standby_names": "",
            "primary_conninfo": "", "primary_slot_name": "", "logging_collector": "off", "log_destination": "stderr", "restart_after_crash": "off",
        }
        words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        try:
            pg_ctl(self.copy, "-W", "-l", log, "-o", words, "start")
            begin, ran = time.monotonic(), False

            def look():
                nonlocal ran
                alive = pg_ctl(self.copy, "status", check=False).returncode == 0
                ran = ran or alive
                with open(log, encoding="utf-8", errors="replace", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW)) as file:
                    text = file.read()
                if "recovery ended before configured recovery target was reached" in text:
                    last = re.findall(r"last completed transaction was at log time (.+)", text)
                    raise Refused(f"the WAL ends before that moment{': the last commit in it is of ' + last[-1] if last else ''}. For all that there is: --to latest")
                fatal = re.findall(r"FATAL:\s+(?!the database system)(.+)", text)
                if fatal:
                    raise Refused(f"recovery failed: {fatal[-1]}")
                if not alive and (ran or time.monotonic() - begin > 60):
                    raise Refused(f"recovery ended before it was through (out of memory?); its last words: {' | '.join(text.splitlines()[-2:]) or 'none'}")
                segments = re.findall(r'restored log file "(\w+)"', text)
                if "database system is ready to accept connections" in text:
                    if not self.when and self.wal[:8] == f"{self.timeline:08X}" and self.wal not in segments:
                        raise Refused(f"the WAL in the store has a gap after {segments[-1] if segments else 'the backup'}: some was dropped while the store could not be reached. "
                                      "First: systemctl start sovereign-postgres-backup@full")
                    return text, ""
                return None, f"{len(segments)} files of WAL replayed{', the last is ' + segments[-1] if segments else ''}"
            text = wait("recovery", 7 * 24 * 3600, look)
            self.new_timeline = int(sql("SELECT timeline_id FROM pg_control_checkpoint()", self.copy, 5499))
            if int(sql("SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int", self.copy, 5499)) in self.store.timelines:
                raise Refused("the restored data would go on under a timeline that the store has already: nothing of it may be overwritten")
            last = re.findall(r"last completed transaction was at log time (.+)", text)
            stopped = re.findall(r"recovery stopping (before|after) commit of transaction \d+, time (.+)", text)
            self.reached = f"the last commit in it is of {last[-1]}" if last else "no commit after the backup is in it"
            self.left_out = stopped[-1][1] if stopped and stopped[-1][0] == "before" else None
            sql("CHECKPOINT", self.copy, 5499)
            self.new_timeline = int(sql("SELECT timeline_id FROM pg_control_checkpoint()", self.copy, 5499))
        finally:
            pg_ctl(self.copy, "-m", "fast", "-t", "600", "stop", check=False)
        for path in glob.glob(f"{self.copy}/restore.*"):
            os.remove(path)

    def stop_old(self):
        say("Patroni is paused, PostgreSQL on this machine stops: no writes from here on")
        self.stopped_at = datetime.datetime.now(UTC)
        wait("Patroni is paused", 60, lambda: (self.cluster.ctl("pause", self.cluster.scope, "--wait"), ""))
        leader = self.primary()
        if leader not in ("nobody", self.cluster.name):
            raise Refused(f"{leader} has become the primary meanwhile: run this there")
        pg_ctl(self.data, "-m", "fast", "-t", "600", "stop", check=False)
        if pg_ctl(self.data, "status", check=False).returncode == 0:
            raise Refused("PostgreSQL does not stop")
        # A lock that outlived the server would later be taken for the restored one's.
        wait("the primary's lock is free", 60, lambda: (self.cluster.leader() is None, "Patroni still holds it"))
        run("systemctl", "stop", "patroni")
        if self.options.discard and os.path.isdir(self.data):
            shutil.rmtree(self.data)

    def primary(self):
        return wait("Patroni says who is the primary", 60, lambda: (self.cluster.leader() or "nobody", ""))

    def start(self):
        """Patroni takes the data as they are now, and the lock with them: nobody else may, while it is paused."""
        self.identify(self.store.system)
        self.take_lead()

    def identify(self, system):
        """Patroni takes no data of another cluster than the one that etcd knows."""
        def look():
            known = self.cluster.initialize()
            self.known = self.known or known
            if known != system:
                self.cluster.initialize(system)
            return True, ""
        wait("etcd answers", 120, look)

    def take_lead(self):
        run("systemctl", "start", "patroni")

        def look():
            # In pause Patroni starts nothing by itself.
            if pg_ctl(self.data, "status", check=False).returncode != 0:
                self.cluster.ctl("restart", self.cluster.scope, self.cluster.name, "--force", check=False)
            if sql("SELECT pg_is_in_recovery()", error=Busy) == "t":
                return False, "PostgreSQL is in recovery"
            leader = self.cluster.leader()
            return leader == self.cluster.name, f"the primary is {leader or 'nobody'}"
        wait("this machine is the primary", 300, look)

    def resume(self):
        wait("Patroni is resumed", 120, lambda: (self.cluster.ctl("resume", self.cluster.scope, "--wait"), ""))

    def back_out(self):
        """As it was before: the data of this machine, or with --discard those of another, which takes over."""
        say("going back to how it was")
        try:
            self.put_back()
        except (Refused, Busy, OSError) as error:
            where = self.aside if os.path.isdir(self.aside) else self.data
            raise Refused(f"not all could be put back: {error}. The data of before are in {where} and on the other nodes. Next: systemctl start patroni, "
                          f"then patronictl -c {SETTINGS['patroni']} resume {self.cluster.scope}") from None

    def put_back(self):
        if os.path.isdir(self.aside):
            pg_ctl(self.data, "-m", "immediate", "stop", check=False)
            run("systemctl", "stop", "patroni")
            shutil.rmtree(self.data, ignore_errors=True)
            os.rename(self.aside, self.data)
        if self.known not in ("", self.store.system):
            self.identify(self.known)
        if os.path.isdir(self.data) and self.primary() in ("nobody", self.cluster.name):
            self.take_lead()
        else:
            run("systemctl", "start", "patroni")
        self.resume()

    def do(self):
        stopped = False
        try:
            if self.live and self.same:
                self.secure()
            if self.options.discard:
                stopped = True
                self.stop_old()
            say(f"the backup is fetched into {self.copy}{'' if stopped else '; the cluster works on meanwhile'}")
            self.fetch()
            say("WAL is replayed up to the moment")
            self.recover()
            say(f"restored  {self.reached}{'; left out: everything from ' + self.left_out if self.left_out else ''}")
            if not stopped:
                stopped = True
                self.stop_old()
                if os.path.isdir(self.data):
                    os.rename(self.data, self.aside)
            os.rename(self.copy, self.data)
            self.start()
            interruptible(False)
        except BaseException:
            interruptible(False)
            shutil.rmtree(self.copy, ignore_errors=True)
            deleted = not os.path.isdir(self.data) and not os.path.isdir(self.aside)
            if stopped:
                self.back_out()
            say("the others go on with the data of before; this machine copies them anew" if deleted else "the cluster is as it was before")
            raise
        say(f"{self.cluster.name} is the primary with the restored data, on timeline {self.new_timeline}")
        self.follow()

    def follow(self):
        """From here on there is no way back but another restore. Passwords of today come first: the others log in with them to copy."""
        run("systemctl", "start", "sovereign-postgres-leader.service", check=False)
        for member in [*self.others]:
            try:
                self.cluster.rebuild(member)
            except Refused as error:
                self.others.remove(member)
                say(f"note      {error}. Later: patronictl -c {SETTINGS['patroni']} reinit {self.cluster.scope} {member}")
        self.resume()
        # Backups may run again, another restore not yet.
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        interruptible(True)

        def look():
            members = self.cluster.members()
            now = next((member.get("TL") for member in members.values() if "Leader" in member["Role"]), None)
            missing = [f"{name} is {members.get(name, {}).get('State', 'away')}" for name in self.others
                       if members.get(name, {}).get("State") != "streaming" or now is None or members[name].get("TL") != now]
            return not missing, ", ".join(missing)
        if self.others:
            say(f"{', '.join(self.others)} copy the data anew; Ctrl-C is safe now, they go on by themselves")
            wait("all nodes follow", 7 * 24 * 3600, look)
        say(f"done      in {int((datetime.datetime.now(UTC) - self.began).total_seconds())} s: {self.reached}; timeline {self.new_timeline}")
        if os.path.isdir(self.aside):
            say(f"kept      {self.aside} ({size(used(self.aside))}): when all is well: sovereign-postgres-restore --confirm")
        if self.wal:
            say(f"the way back to {shown(self.stopped_at)[:19]}+00: sovereign-postgres-restore --to latest --timeline {max(self.store.timelines)} --replace")
