import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LabDriver } from "../driver.ts";
import { openTestLab } from "../testing.ts";
import { labView } from "../view.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "actions-test-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const server = { name: "a", server_type: "cpx22", image: "debian-13", location: "fsn1" };

test("an action that ran when the lab ended goes on after the restart, with its effect and its lock", async () => {
  const before = openTestLab({ dataDir, actionDuration: 1000 });
  const { body } = await before.post("/servers", server);
  before.close();

  const after = openTestLab({ dataDir, actionDuration: 1000 });
  const read = async () => (await after.get(`/servers/${body.server.id}`)).body.server;
  expect(await read()).toMatchObject({ status: "initializing", locked: true });
  expect((await after.delete(`/servers/${body.server.id}`)).status).toBe(423);
  after.pass(2000);
  expect(await read()).toMatchObject({ status: "running", locked: false });
  after.close();
});

test("a failing action ends in error without its effect and lets go of its lock", async () => {
  const lab = openTestLab({ dataDir, faults: [{ type: "action_error", command: "start_server" }] });
  const { body } = await lab.post("/servers", server);
  expect(body.next_actions).toMatchObject([{ command: "start_server", status: "error" }]);
  expect((await lab.get(`/servers/${body.server.id}`)).body.server).toMatchObject({
    status: "starting",
    locked: false,
  });
  lab.close();
});

/** A driver whose work the test ends. */
function slowDriver() {
  const pending: { command: string; end: (error?: Error) => void }[] = [];
  const changed = vi.fn<NonNullable<LabDriver["changed"]>>();
  const driver: LabDriver = {
    name: "slow",
    changed,
    perform: (action) =>
      action.command === "create_server"
        ? undefined
        : new Promise((resolve, reject) => {
            const end = (error?: Error) => (error ? reject(error) : resolve());
            pending.push({ command: action.command, end });
          }),
  };
  return { driver, pending, changed };
}

test("an action waits for the driver's work, and fails when that fails", async () => {
  const { driver, pending } = slowDriver();
  const lab = openTestLab({ dataDir, driver });
  const { id } = (await lab.post("/servers", server)).body.server;
  const status = async () => (await lab.get(`/servers/${id}`)).body.server.status;
  expect(await status()).toBe("starting");
  expect(pending.map((work) => work.command)).toEqual(["start_server"]);
  pending[0]!.end();
  await vi.waitFor(async () => expect(await status()).toBe("running"));

  const stop = (await lab.post(`/servers/${id}/actions/poweroff`)).body.action;
  expect(await status()).toBe("stopping");
  pending[1]!.end(new Error("the machine does not stop"));
  await vi.waitFor(async () =>
    expect((await lab.get(`/actions/${stop.id}`)).body.action).toMatchObject({
      status: "error",
      error: { code: "action_failed", message: "the machine does not stop" },
    }),
  );
  lab.close();
});

test("a driver is told after the commit, reads the desired state and reports what really is", async () => {
  const { driver, changed } = slowDriver();
  const { perform: _, ...recordsOnly } = driver;
  const lab = openTestLab({ dataDir, driver: recordsOnly });
  const { id } = (await lab.post("/servers", { ...server, user_data: "#cloud-config" })).body.server;
  const told = changed.mock.calls.flatMap(([changes]) => changes);
  expect(told.filter((change) => change.kind === "servers" && change.id === id)).toHaveLength(1);
  expect(told.map((change) => change.kind)).toContain("primary_ips");
  await lab.post("/servers", { ...server, image: "nothing" });
  expect(changed).toHaveBeenCalledTimes(1);

  const view = labView(lab.lab);
  expect(view.store.blob(`servers/${id}/user_data`)).toBe("#cloud-config");
  view.reportServerStatus(id, "off");
  expect((await lab.get(`/servers/${id}`)).body.server.status).toBe("off");
  view.reportServerStatus(4711, "off");
  lab.close();
});
