import type { ActionRecord } from "../api/core/actions.ts";
import type { LabView } from "../api/driver.ts";
import { SERVERS, VOLUMES } from "../api/model.ts";
import type { Machine } from "./machine/machine.ts";
import type { LabNetwork } from "./network/network.ts";
import type { Volumes } from "./volumes.ts";

/** What actions work on. */
export interface ActionContext {
  readonly view: LabView;
  readonly volumes: Volumes;
  readonly network: LabNetwork;
  machine(server: number): Machine;
  /** Resolves when the machine of a server that is gone is removed. */
  removed(server: number): Promise<void>;
  /** @throws Error when the server's user data wants what machines lack */
  checkUserData(server: number): Promise<void>;
}

type Perform = (context: ActionContext, action: ActionRecord) => Promise<void>;

/** On the server's machine, unless the server is gone by now. */
const onServer =
  (work: (machine: Machine, context: ActionContext) => Promise<void>): Perform =>
  async (context, action) => {
    const server = idOf(action, "server");
    if (server !== undefined && context.view.store.get(SERVERS, server)) await work(context.machine(server), context);
  };

const boot = onServer((machine) => machine.boot());
const reconcileNetwork: Perform = ({ network }) => network.reconcile();

const attachVolume: Perform = async (context, action) => {
  const server = idOf(action, "server");
  if (server !== undefined && context.view.store.get(SERVERS, server)) await context.machine(server).updateVolumes();
};

/** The record no longer names the server: it is one of the action's resources. */
const detachVolume: Perform = async (context, action) => {
  const { view, volumes } = context;
  const volume = view.store.get(VOLUMES, idOf(action, "volume") ?? 0);
  const server = idOf(action, "server");
  if (!volume || server === undefined || !view.store.get(SERVERS, server)) return;
  const { path } = await volumes.device(volume);
  await context.machine(server).releaseDevice(path);
  await context.machine(server).updateVolumes();
};

const withVolume =
  (work: (context: ActionContext, volume: NonNullable<ReturnType<typeof volumeOf>>) => Promise<unknown>): Perform =>
  async (context, action) => {
    const volume = volumeOf(context, action);
    if (volume) await work(context, volume);
  };

const volumeOf = ({ view }: ActionContext, action: ActionRecord) =>
  view.store.get(VOLUMES, idOf(action, "volume") ?? 0);

/** The outside work of actions, by command. Others are done when their record is. Each may be repeated. */
const PERFORM: Readonly<Record<string, Perform>> = {
  create_server: onServer((machine, context) => context.checkUserData(machine.server)),
  start_server: boot,
  stop_server: onServer((machine) => machine.powerOff()),
  shutdown_server: onServer((machine) => machine.shutDown()),
  reboot_server: onServer((machine) => machine.reboot()),
  reset_server: onServer((machine) => machine.reset()),
  rebuild_server: onServer((machine) => machine.rebuild()),
  // The server is started after the change, as the real API does.
  change_server_type: boot,
  delete_server: async (context, action) => {
    const server = idOf(action, "server");
    if (server !== undefined) await context.removed(server);
  },
  create_volume: withVolume(({ volumes }, volume) => volumes.device(volume)),
  resize_volume: withVolume(({ volumes }, volume) => volumes.resize(volume)),
  attach_volume: attachVolume,
  detach_volume: detachVolume,
  attach_to_network: reconcileNetwork,
  detach_from_network: reconcileNetwork,
  change_alias_ips: reconcileNetwork,
  apply_firewall: reconcileNetwork,
  remove_firewall: reconcileNetwork,
  set_firewall_rules: reconcileNetwork,
  add_route: reconcileNetwork,
  delete_route: reconcileNetwork,
};

/** `undefined` for actions without outside work. */
export function performAction(context: ActionContext, action: ActionRecord): Promise<void> | undefined {
  return PERFORM[action.command]?.(context, action);
}

const idOf = (action: ActionRecord, type: string): number | undefined =>
  action.resources.find((resource) => resource.type === type)?.id;
