import { z } from "zod";
import { ApiError, invalidInput } from "../../core/errors.ts";
import { action, type KindAction } from "../../core/kind.ts";
import { idSchema, noBody } from "../../core/schemas.ts";
import { SERVERS, type ServerRecord } from "../../model.ts";
import { assertRoomInGroup } from "../placement-groups.ts";
import { assertOff } from "../primary-ips.ts";
import { assertAvailable, requireServerType, serverTypeOf } from "../server-types.ts";
import { authorizedKeys, newPassword } from "./create.ts";
import { changeServer, type Effects, self } from "./power-actions.ts";

const changeTypeBody = z.object({ server_type: z.union([z.string().min(1), z.int()]), upgrade_disk: z.boolean() });
const protectionBody = z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() });
const rescueBody = z.object({
  type: z.enum(["linux64"]).default("linux64"),
  ssh_keys: z.array(idSchema).max(100).default([]),
});

export const settingActions: Readonly<Record<string, KindAction<ServerRecord>>> = {
  change_type: action(changeTypeBody, (lab, server: ServerRecord, body) => {
    assertOff(lab, server);
    const type = requireServerType(body.server_type);
    const now = serverTypeOf(server.server_type);
    if (type.name === now.name) throw new ApiError("invalid_server_type", `the server is a ${type.name} already`);
    if (type.architecture !== now.architecture || type.storage !== now.storage) {
      throw new ApiError("invalid_server_type", `a ${now.name} cannot become a ${type.name}: other architecture`);
    }
    if (type.diskGb < server.primary_disk_size) {
      throw new ApiError(
        "invalid_server_type",
        `the disk of ${type.name} (${type.diskGb} GB) is smaller than the server's (${server.primary_disk_size} GB)`,
      );
    }
    assertAvailable(lab, type, server.location);
    lab.store.update(SERVERS, server.id, { status: "migrating" });
    const data = { server_type: type.name, disk: body.upgrade_disk ? type.diskGb : server.primary_disk_size };
    return { action: lab.act("change_server_type", self(server), { data }) };
  }),
  change_protection: action(protectionBody, (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    const protection = { ...server.protection, ...body };
    if (protection.delete !== protection.rebuild) {
      throw invalidInput("rebuild", "delete and rebuild protection must have the same value");
    }
    lab.store.update(SERVERS, server.id, { protection });
    return { action: lab.act("change_protection", self(server)) };
  }),
  add_to_placement_group: action(z.object({ placement_group: idSchema }), (lab, server: ServerRecord, body) => {
    assertOff(lab, server);
    if (server.placement_group !== null) {
      throw new ApiError("invalid_input", `the server is in the placement group ${server.placement_group} already`);
    }
    const group = assertRoomInGroup(lab, body.placement_group);
    lab.store.update(SERVERS, server.id, { placement_group: group.id });
    return { action: lab.act("add_to_placement_group", [...self(server), { type: "placement_group", id: group.id }]) };
  }),
  remove_from_placement_group: action(noBody, (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    if (server.placement_group === null) throw new ApiError("invalid_input", "the server is in no placement group");
    lab.store.update(SERVERS, server.id, { placement_group: null });
    return { action: lab.act("remove_from_placement_group", self(server)) };
  }),
  enable_rescue: action(rescueBody, (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    authorizedKeys(lab, body.ssh_keys);
    lab.store.update(SERVERS, server.id, { rescue_enabled: true });
    return { action: lab.act("enable_rescue", self(server)), root_password: newPassword() };
  }),
  disable_rescue: action(noBody, (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    lab.store.update(SERVERS, server.id, { rescue_enabled: false });
    return { action: lab.act("disable_rescue", self(server)) };
  }),
  reset_password: action(noBody, (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    if (server.status !== "running") throw new ApiError("invalid_input", "the server must be running for this");
    return { action: lab.act("reset_password", self(server)), root_password: newPassword() };
  }),
  request_console: action(noBody, (lab, server: ServerRecord) => {
    const password = newPassword();
    return {
      action: lab.act("request_console", self(server), { locks: [] }),
      // The lab has no console; clients only need an address of the right shape.
      wss_url: `wss://console.lab.invalid/?server_id=${server.id}`,
      password,
    };
  }),
};

export const settingEffects: Effects = {
  // The server is started after the change, as the real API does: the provider relies on it.
  change_server_type: (lab, done) =>
    changeServer(lab, done, () => ({
      status: "running",
      server_type: done.data.server_type as string,
      primary_disk_size: done.data.disk as number,
    })),
};
