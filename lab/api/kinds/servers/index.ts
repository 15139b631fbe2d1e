import { z } from "zod";
import { notFound, notUnique, protectedError } from "../../core/errors.ts";
import { detach } from "../../core/ipam.ts";
import { create, type Kind, update } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { labelsSchema } from "../../core/schemas.ts";
import { IMAGES, PRIMARY_IPS, SERVERS, type ServerRecord, userDataKey, VOLUMES } from "../../model.ts";
import { createServer, createServerBody, hostnameSchema } from "./create.ts";
import { imageActions, imageEffects } from "./image-actions.ts";
import { networkActions } from "./network-actions.ts";
import { powerActions, powerEffects } from "./power-actions.ts";
import { renderServer } from "./render.ts";
import { settingActions, settingEffects } from "./setting-actions.ts";

const updateBody = z.object({ name: hostnameSchema.optional(), labels: labelsSchema.optional() });

export const servers: Kind<ServerRecord> = {
  path: "servers",
  singular: "server",
  collection: SERVERS,
  filters: { name: (server) => server.name, status: (server) => server.status },
  render: renderServer,
  create: create(createServerBody, createServer),
  update: update(updateBody, (lab, server: ServerRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(SERVERS, body.name, server.id)) throw notUnique("server", "name");
    return lab.store.update(SERVERS, server.id, body);
  }),
  remove: (lab, server) => {
    lab.assertUnlocked("server", server.id);
    if (server.protection.delete) throw protectedError("server", "deletion");
    letGo(lab, server);
    lab.store.delete(SERVERS, server.id);
    return { action: lab.act("delete_server", [{ type: "server", id: server.id }]) };
  },
  actions: { ...powerActions, ...networkActions, ...imageActions, ...settingActions },
  effects: { ...powerEffects, ...imageEffects, ...settingEffects },
  routes: (router) => {
    router.get("/servers/:id/metrics", ({ id }, query) => {
      if (!router.lab.store.get(SERVERS, Number(id))) throw notFound("server", id ?? "");
      return { metrics: emptyMetrics(query) };
    });
  },
};

/** Everything that is attached to a server that goes: detached, or deleted where it lives and dies with it. */
function letGo(lab: Lab, server: ServerRecord): void {
  const { store } = lab;
  lab.deleting("server", server.id);
  detach(lab, { type: "server", id: server.id });
  for (const volume of store.by(VOLUMES, "server", server.id)) {
    store.update(VOLUMES, volume.id, { server: null, automount: false });
  }
  for (const ip of store.by(PRIMARY_IPS, "server", server.id)) {
    if (ip.auto_delete && !ip.protection.delete) store.delete(PRIMARY_IPS, ip.id);
    else store.update(PRIMARY_IPS, ip.id, { server: null });
  }
  for (const backup of store.by(IMAGES, "bound_to", server.id)) store.delete(IMAGES, backup.id);
  store.putBlob(userDataKey(server.id), undefined);
}

/** The lab measures nothing: the series are there and empty. */
function emptyMetrics(query: URLSearchParams): object {
  const start = query.get("start") ?? "";
  const end = query.get("end") ?? "";
  return { start, end, step: Number(query.get("step") ?? 60) || 60, time_series: {} };
}
