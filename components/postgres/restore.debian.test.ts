import { expect, test } from "vitest";
import { type DebianUnderTest, describeWithDebian } from "../../lab/debian/testing.ts";
import { condensePython } from "../host/python.ts";
import { renderRestoreCommand, restoreSource } from "./restore.ts";
import { postgresPaths } from "./spec.ts";

const program = { [postgresPaths.restoreCommand]: { content: renderRestoreCommand(), mode: "0755" } };

/** A `Restore` in folders of its own, with everything that leaves the program pretended. */
const pretended = `
import collections, os, tempfile, types
Ran = collections.namedtuple("Ran", "returncode stdout stderr", defaults=("", ""))
done = []
g = Restore.recover.__globals__
def run(*argv, **_):
    if argv[0] == "sh": open(argv[-1], "a").write(argv[-2])
    else: done.append(" ".join(argv))
    return Ran(0)
g.update(run=run, say=lambda text: None, sql=lambda *_, **__: "9", used=lambda folder: 0)
g["time"].sleep = lambda seconds: None
folder = tempfile.mkdtemp()
restore = Restore.__new__(Restore)
restore.data, restore.copy, restore.aside = folder + "/main", folder + "/main.restored", folder + "/main.before"
for path in (restore.data, restore.copy): os.mkdir(path)
restore.known, restore.when, restore.timeline = "", None, 1
restore.options = types.SimpleNamespace(discard=True)
restore.backup = {"label": "x", "stop": at(8), "size": 1}
restore.store = types.SimpleNamespace(system="9", busy=False)
restore.cluster = types.SimpleNamespace(name="a", scope="c", paused=lambda: False, initialize=lambda *value: done.append(f"initialize {value[0]}") if value else "9")
restore.take_lead = lambda: done.append("take_lead")
restore.resume = lambda: done.append("resume")
`;

/** What Python says to an expression over the program's own functions. */
async function evaluated(debian: DebianUnderTest, expression: string): Promise<unknown> {
  const script = `import datetime, json, runpy
program = runpy.run_path("${postgresPaths.restoreCommand}")
globals().update(program)
at = lambda hour: datetime.datetime(2026, 11, 20, int(hour), round(hour % 1 * 60), tzinfo=datetime.timezone.utc)
first = {"created": LONG_AGO, "chain": [], "back": None}
failover = {"created": at(12.1), "chain": [(1, 100)], "back": None}
restored = {"created": at(12), "chain": [(1, 100)], "back": at(10)}
def refused(call):
    try: return call()
    except Refused as error: return str(error)
print(json.dumps(${expression}))`;
  const { code, stdout, stderr } = await debian.run({ files: program, argv: ["python3", "-Ic", script] });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describeWithDebian("what sovereign-postgres-restore follows", (debian) => {
  test("after failovers it is the newest timeline", async () => {
    expect(
      await evaluated(debian, "[timeline_at({1: first, 2: failover}, t) for t in (at(9), at(12), at(13), None)]"),
    ).toEqual([2, 2, 2, 2]);
    expect(await evaluated(debian, "[timeline_at({1: first}, t) for t in (at(9), None)]")).toEqual([1, 1]);
  });

  test("after a restore, a moment that it took away is on the timeline before it", async () => {
    const known = "{1: first, 2: restored, 3: {'created': at(13), 'chain': [(1, 100), (2, 200)], 'back': None}}";
    expect(
      await evaluated(debian, "[timeline_at({1: first, 2: restored}, t) for t in (at(9), at(11), at(13))]"),
    ).toEqual([2, 1, 2]);
    expect(await evaluated(debian, `[timeline_at(${known}, t) for t in (at(9), at(11), at(12.5), at(14))]`)).toEqual([
      3, 1, 3, 3,
    ]);
  });

  test("after a restore that was taken back, what was written in between is on the one that was left", async () => {
    const known = "{1: first, 2: restored, 3: {'created': at(13), 'chain': [(1, 300)], 'back': None}}";
    expect(await evaluated(debian, `[timeline_at(${known}, t) for t in (at(11), at(12.5), at(14))]`)).toEqual([
      3, 2, 3,
    ]);
  });

  test("it is the last backup before the moment that the timeline has come from", async () => {
    const backups = `[
      {"label": "a", "stop": at(8), "timeline": 1, "lsn": 50}, {"label": "b", "stop": at(11), "timeline": 1, "lsn": 150},
      {"label": "c", "stop": at(13), "timeline": 2, "lsn": 160}]`;
    const label = (timeline: number, when: string) =>
      evaluated(debian, `(backup_for(${backups}, {1: first, 2: restored}, ${timeline}, ${when}) or {}).get("label")`);
    expect(await label(2, "at(14)")).toBe("c");
    // b was made after what timeline 2 goes back to.
    expect(await label(2, "at(12.5)")).toBe("a");
    expect(await label(1, "at(11.5)")).toBe("b");
    expect(await label(1, "None")).toBe("b");
    expect(await label(2, "at(7)")).toBe(null);
  });

  test("histories of timelines tell failovers from restores", async () => {
    const read = (text: string) =>
      evaluated(debian, `(lambda h: [h[0], h[1] and shown(h[1])])(history(${JSON.stringify(text)}))`);
    expect(await read("1\t0/3000148\tno recovery target specified\n")).toEqual([[[1, 0x3000148]], null]);
    expect(await read("1\t0/A0\tno recovery target specified\n\n2\t1/B0\tbefore 2026-11-20 10:00:01.5+00\n")).toEqual([
      [
        [1, 0xa0],
        [2, 0x1000000b0],
      ],
      "2026-11-20 10:00:01.500000+00",
    ]);
  });

  /** A restore with a pretended cluster: what it did. `lines` end with one that sets `out`. */
  const played = (lines: string) =>
    evaluated(
      debian,
      `(lambda scope: (exec(${JSON.stringify(`${pretended}\n${lines}`)}, scope), scope["out"])[1])(dict(globals()))`,
    );

  test("a copy whose server is killed is given up, not waited for", async () => {
    const said = await played(`
states = iter([0, 3])
g["pg_ctl"] = lambda data, *args, **_: Ran(next(states, 3)) if args[0] == "status" else Ran(0)
open(restore.copy + "/restore.log", "w").write("LOG:  starting\\nLOG:  restored log file \\"0000\\"\\n")
out = refused(restore.recover)`);
    expect(said).toContain("recovery ended before it was through");
    expect(said).toContain('restored log file "0000"');
  });

  test("backing out: leads again, or follows whoever became the primary meanwhile; never stays paused", async () => {
    const put = (leader: string, known: string) =>
      played(`
restore.cluster.leader = lambda: ${leader}
restore.known = ${known}
restore.put_back()
out = done`);
    expect(await put("None", "''")).toEqual(["take_lead", "resume"]);
    expect(await put("'b'", "''")).toEqual(["systemctl start patroni", "resume"]);
    expect(await put("None", "'7'")).toEqual(["initialize 7", "take_lead", "resume"]);
  });

  test("condensed it is the same program", async () => {
    const files = {
      "/tmp/full.py": { content: restoreSource },
      "/tmp/small.py": { content: condensePython(restoreSource) },
    };
    const script = `import ast
def bare(name):
    tree = ast.parse(open(name).read())
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
full, small = bare("/tmp/full.py"), bare("/tmp/small.py")
print(full == small, len(full) > 10_000)`;
    const { stdout, stderr } = await debian.run({ files, argv: ["python3", "-Ic", script] });
    expect({ stdout, stderr }).toEqual({ stdout: "True True\n", stderr: "" });
  });

  test("--discard needs another node that has the data", async () => {
    const plan = (members: string) =>
      played(`
restore.cluster.members = lambda: ${members}
restore.cluster.leader = lambda: "a"
out = refused(restore.plan)`);
    const own = `"a": {"State": "running"}`;
    expect(await plan(`{${own}}`)).toContain("the only copy");
    expect(await plan(`{${own}, "b": {"State": "unknown"}}`)).toContain("the only copy");
    expect(await plan(`{${own}, "b": {"State": "streaming"}}`)).toBe(null);
  });

  test("--discard without a primary deletes nothing that might be the newest", async () => {
    const plan = (lines: string) =>
      played(`
restore.cluster.members = lambda: {"a": {"State": "running"}, "b": {"State": "running"}}
restore.cluster.leader = lambda: None
${lines}
out = refused(restore.plan)`);
    expect(await plan("")).toContain("--discard without a primary");
    expect(await plan("os.rmdir(restore.data)")).toBe(null);
  });

  test("WAL that was dropped is not taken for archived", async () => {
    const secured = (when: string, discard: string, held: string) =>
      played(`
said = []
g.update(say=said.append, sql=lambda statement: "000000010000000000000007")
restore.store.holds = lambda wal: ${held}
restore.when, restore.options.discard, restore.wal = ${when}, ${discard}, ""
out = [refused(restore.secure), restore.wal, said]`);
    const wal = "000000010000000000000007";
    expect(await secured("at(9)", "True", "True")).toEqual([null, wal, []]);
    const dropped = expect.stringContaining("is not in the store: WAL was dropped");
    expect(await secured("at(9)", "True", "False")).toEqual([dropped, "", []]);
    expect(await secured("None", "False", "False")).toEqual([dropped, "", []]);
    expect(await secured("at(9)", "False", "False")).toEqual([null, "", [expect.stringContaining("no way back")]]);
  });

  test("--to latest does not end at a gap in the WAL", async () => {
    const recovered = (last: string) =>
      played(`
g["pg_ctl"] = lambda data, *args, **_: Ran(0)
g["sql"] = lambda *_: "2"
restore.store.timelines, restore.wal = {1: first}, "000000010000000000000009"
write = g["run"]
def run(*argv, **more):
    if argv[-1].endswith(".log"): argv = (*argv[:-2], 'restored log file "000000010000000000000008"\\n${last}database system is ready to accept connections\\n', argv[-1])
    return write(*argv, **more)
g["run"] = run
out = refused(restore.recover)`);
    expect(await recovered("")).toContain("a gap after 000000010000000000000008");
    expect(await recovered('restored log file "000000010000000000000009"\\n')).toBe(null);
  });

  test("what the machine refuses is one line, not a traceback", async () => {
    const { code, stdout, stderr } = await debian.run({
      files: program,
      argv: [postgresPaths.restoreCommand, "--to", "latest"],
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain(`error: ${postgresPaths.patroniConfig}: No such file or directory`);
  });

  test("a moment needs its offset", async () => {
    const read = (text: string) => evaluated(debian, `refused(lambda: shown(moment(${JSON.stringify(text)})))`);
    expect(await read("2026-11-20 14:30:00+01")).toBe("2026-11-20 13:30:00+00");
    expect(await read("2026-11-20T14:30:00.25Z")).toBe("2026-11-20 14:30:00.250000+00");
    for (const text of ["2026-11-20 14:30:00", "yesterday", "2026-11-20 14:30:00+00'; rm"]) {
      expect(await read(text)).toContain("is not a point in time with its offset");
    }
    expect(await read("2026-13-20 14:30:00+00")).toContain("is not a point in time");
  });
});
