import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Pending, pendingFile, readPending, repairPending, writePending } from "./pending.ts";
import { Repairs } from "./repairs.ts";
import { FakePostgres } from "./testing.ts";

it("undoes the last first, each once", async () => {
  const repairs = new Repairs();
  const done: string[] = [];
  for (const what of ["a", "b"]) {
    await repairs.breaking(
      what,
      async () => void done.push(`break ${what}`),
      async () => void done.push(`undo ${what}`),
    );
  }
  await repairs.heal();
  await repairs.heal();
  expect(done).toEqual(["break a", "break b", "undo b", "undo a"]);
});

it("undoes what was begun and failed", async () => {
  const repairs = new Repairs();
  let undone = false;
  const breaking = repairs.breaking(
    "a",
    async () => {
      throw new Error("half way");
    },
    async () => {
      undone = true;
    },
  );
  await expect(breaking).rejects.toThrow("half way");
  await repairs.heal();
  expect(undone).toBe(true);
});

it("goes on after one that cannot be undone, and names it", async () => {
  const repairs = new Repairs();
  let undone = false;
  await repairs.breaking(
    "first",
    async () => {},
    async () => {
      undone = true;
    },
  );
  await repairs.breaking(
    "second",
    async () => {},
    async () => Promise.reject(new Error("no such machine")),
  );
  await expect(repairs.heal()).rejects.toThrow("second: no such machine");
  expect(undone).toBe(true);
  expect(repairs.pending).toBe(0);
});

it("tells of what is to be made good before each break, and after each repair of what is left", async () => {
  const told: string[][] = [];
  const repairs = new Repairs((pending) => told.push(pending.map(({ what }) => what)));
  const seen: number[] = [];
  for (const what of ["a", "b"]) {
    const undo = async () => (what === "a" ? Promise.reject(new Error("no")) : undefined);
    await repairs.breaking(what, async () => void seen.push(told.length), undo, []);
  }
  expect(seen).toEqual([1, 2]);
  await expect(repairs.heal()).rejects.toThrow("a: no");
  expect(told).toEqual([["a"], ["a", "b"], ["a"], ["a"]]);
});

/** What a drill has left that was killed, and what becomes of it in a pretended stack. */
async function mended(repairs: Pending["repairs"], world: FakePostgres, deploy?: () => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "pending-"));
  try {
    const file = pendingFile(folder);
    writePending(file, { drill: "killed", stack: "shop", repairs });
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ drill: "killed" });
    const said: string[] = [];
    const problems = await repairPending(file, { world, deploy, say: (line) => said.push(line), seconds: 0 });
    return { problems, said, left: readPending(file)?.repairs.map(({ what }) => what) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it("another process makes good what a killed drill has left, the last first", async () => {
  const world = new FakePostgres();
  const [one, two] = [world.all[0]!.name, world.all[1]!.name];
  await world.crash(world.all[1]!);
  await world.cut(world.all[2]!);
  const ran: string[] = [];
  const run = world.run.bind(world);
  world.run = async (machine, argv, options) => {
    if (argv[0] === "rm") ran.push(`${machine.name} ${argv.join(" ")}`);
    return run(machine, argv, options);
  };
  world.log.length = 0;
  const { problems, left } = await mended(
    [
      { what: "lost", later: [{ kind: "power-on", machine: two }] },
      { what: "cut", later: [{ kind: "reconnect", machine: world.all[2]!.name }] },
      { what: "full", later: [{ kind: "run", machine: one, argv: ["rm", "/x"] }] },
      { what: "gone with its machine", later: [{ kind: "run", machine: "no-more", argv: ["false"] }] },
      { what: "on the primary", later: [{ kind: "run", argv: ["rm", "/y"] }] },
    ],
    world,
  );
  expect(problems).toEqual([]);
  expect(left).toBeUndefined();
  expect(world.log).toEqual([`heal ${world.all[2]!.name}`, `poweron ${two}`]);
  expect(ran).toEqual([`${one} rm /y`, `${one} rm /x`]);
});

it("what cannot be made good is named and kept for the next one", async () => {
  const world = new FakePostgres();
  const run = world.run.bind(world);
  world.run = async (machine, argv, options) =>
    argv[0] === "false" ? { code: 1, stdout: "", stderr: "no room" } : run(machine, argv, options);
  const repairs: Pending["repairs"] = [
    { what: "deleted", later: [{ kind: "deploy" }] },
    { what: "refused", later: [{ kind: "run", machine: world.all[0]!.name, argv: ["false"] }] },
    { what: "known to the drill alone" },
    { what: "gone with the drill", later: [] },
  ];
  const { problems, left } = await mended(repairs, world);
  expect(left).toEqual(["deleted", "refused", "known to the drill alone"]);
  expect(problems).toEqual([
    expect.stringContaining("known to the drill alone: how is known"),
    expect.stringContaining("refused: false on shop-postgres-fsn1-1 ended with 1: no room"),
    expect.stringContaining("deleted: pulumi up brings it back"),
  ]);
  let deployed = 0;
  expect((await mended(repairs.slice(0, 1), world, async () => void deployed++)).left).toBeUndefined();
  expect(deployed).toBe(1);
});
