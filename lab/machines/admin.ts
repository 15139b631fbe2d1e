import type { Context, Hono } from "hono";
import { z } from "zod";
import { ApiError } from "../api/core/errors.ts";
import { parseBody } from "../api/core/kind.ts";
import type { LabView } from "../api/driver.ts";
import { ATTACHMENTS, PRIMARY_IPS, SERVERS, type ServerRecord } from "../api/model.ts";
import type { Machine } from "./machine/machine.ts";
import type { LabNetwork } from "./network/network.ts";

/** A machine as `GET /_lab/machines` shows it. */
export interface MachineReport {
  /** The server's id. */
  readonly id: number;
  readonly name: string;
  /** The server's status. */
  readonly status: string;
  /** Its systemd in the eyes of the lab's world; null while it is off. */
  readonly leader: number | null;
  /** Whether it has run its user data without an error. */
  readonly booted: boolean;
  /** Why its first boot failed. */
  readonly failed: string | null;
  /** Units of systemd that have failed. */
  readonly failedUnits: readonly string[];
  /** Public ones, then private ones. */
  readonly addresses: readonly string[];
}

export interface AdminContext {
  readonly view: LabView;
  readonly network: LabNetwork;
  machine(server: number): Machine;
}

const cutBody = z.object({ public: z.boolean().default(false) });

/** The machines' endpoints under `/_lab`. */
export function mountMachines(app: Hono, context: () => AdminContext): void {
  app.get("/_lab/machines", async (c) => {
    const { view } = context();
    const machines = await Promise.all(view.store.all(SERVERS).map((server) => report(context(), server)));
    return c.json({ machines });
  });
  const onServer = (path: string, work: (context: AdminContext, server: number, body: string) => Promise<void>) =>
    app.post(`/_lab/machines/:id/${path}`, async (c: Context) => {
      const server = context().view.store.get(SERVERS, Number(c.req.param("id")));
      if (!server) throw new ApiError("not_found", `server with ID '${c.req.param("id")}' not found`);
      await work(context(), server.id, await c.req.text());
      return c.body(null, 204);
    });
  onServer("crash", async (driver, server) => {
    await driver.machine(server).powerOff();
    driver.view.reportServerStatus(server, "off");
  });
  onServer("cut", async ({ network }, server, body) => {
    await network.cut(server, await parseBody(body, cutBody));
  });
  onServer("heal", ({ network }, server) => network.heal(server));
}

async function report(driver: AdminContext, server: ServerRecord): Promise<MachineReport> {
  const { store } = driver.view;
  const its = driver.machine(server.id);
  const failedUnits = await its.failedUnits();
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    leader: its.leader ?? null,
    ...its.bootState(),
    failedUnits,
    addresses: [
      ...store.by(PRIMARY_IPS, "server", server.id).map(({ ip }) => ip),
      ...store.by(ATTACHMENTS, "owner", `server ${server.id}`).map(({ ip }) => ip),
    ],
  };
}
