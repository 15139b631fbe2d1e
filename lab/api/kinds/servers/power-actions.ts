import type { ActionRecord } from "../../core/actions.ts";
import { action, type KindAction } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { noBody } from "../../core/schemas.ts";
import { SERVERS, type ServerRecord, type ServerStatus } from "../../model.ts";

export const self = (server: ServerRecord) => [{ type: "server", id: server.id }];

/** An action that passes through one status and, when it has succeeded, ends in the one of {@link powerEffects}. */
function power(command: string, during: ServerStatus): KindAction<ServerRecord> {
  return action(noBody, (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    if (server.status !== END[command]) lab.store.update(SERVERS, server.id, { status: during });
    return { action: lab.act(command, self(server)) };
  });
}

/** Status after the success of an action. */
const END: Readonly<Record<string, ServerStatus>> = {
  start_server: "running",
  stop_server: "off",
  shutdown_server: "off",
  reboot_server: "running",
  reset_server: "running",
};

export const powerActions: Readonly<Record<string, KindAction<ServerRecord>>> = {
  poweron: power("start_server", "starting"),
  poweroff: power("stop_server", "stopping"),
  shutdown: power("shutdown_server", "stopping"),
  reboot: power("reboot_server", "starting"),
  reset: power("reset_server", "starting"),
};

export type Effects = Readonly<Record<string, (lab: Lab, action: ActionRecord) => void>>;

/** Changes the server that an action is about, if it still exists. */
export function changeServer(
  lab: Lab,
  { resources }: ActionRecord,
  change: (server: ServerRecord) => Partial<ServerRecord>,
): void {
  const id = resources.find((resource) => resource.type === "server")!.id;
  const server = lab.store.get(SERVERS, id);
  if (server) lab.store.update(SERVERS, id, change(server));
}

export const powerEffects: Effects = {
  create_server: (lab, done) => changeServer(lab, done, () => ({ status: done.data.start ? "starting" : "off" })),
  ...Object.fromEntries(
    Object.entries(END).map(([command, status]) => [
      command,
      // The rescue system is for one boot only.
      (lab: Lab, done: ActionRecord) =>
        changeServer(lab, done, ({ rescue_enabled }) => ({
          status,
          rescue_enabled: rescue_enabled && status === "off",
        })),
    ]),
  ),
};
