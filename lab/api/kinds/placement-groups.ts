import { z } from "zod";
import { limits } from "../../../catalogue/hetzner/limits.ts";
import { ApiError, limitExceeded, notUnique } from "../core/errors.ts";
import { create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { labelsSchema, nameAndLabels, nameSchema } from "../core/schemas.ts";
import { PLACEMENT_GROUPS, type PlacementGroupRecord, SERVERS } from "../model.ts";

const createBody = z.object({ name: nameSchema, type: z.enum(["spread"]), labels: labelsSchema.optional() });

export const placementGroups: Kind<PlacementGroupRecord> = {
  path: "placement_groups",
  singular: "placement_group",
  collection: PLACEMENT_GROUPS,
  filters: { name: (group) => group.name, type: (group) => group.type },
  render: (lab, { id, name, labels, type, created }) => ({
    id,
    name,
    labels,
    type,
    created,
    servers: serversOf(lab, id),
  }),
  create: create(createBody, (lab, body) => {
    if (lab.nameTaken(PLACEMENT_GROUPS, body.name)) throw notUnique("placement group", "name");
    const limit = limits.placementGroupsPerProject;
    if (lab.store.count(PLACEMENT_GROUPS) >= limit) throw limitExceeded("placement groups", limit);
    const group = lab.store.insert(PLACEMENT_GROUPS, { ...lab.fresh(body.labels), name: body.name, type: body.type });
    return { placement_group: placementGroups.render(lab, group), action: null };
  }),
  update: update(nameAndLabels, (lab, group: PlacementGroupRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(PLACEMENT_GROUPS, body.name, group.id)) {
      throw notUnique("placement group", "name");
    }
    return lab.store.update(PLACEMENT_GROUPS, group.id, body);
  }),
  remove: (lab, group) => {
    const used = serversOf(lab, group.id);
    if (used.length > 0) {
      throw new ApiError("resource_in_use", `the placement group still has the servers ${used.join(", ")}`);
    }
    lab.store.delete(PLACEMENT_GROUPS, group.id);
    return undefined;
  },
};

function serversOf({ store }: Lab, group: number): number[] {
  return store.ids(SERVERS.name, "placement_group", group);
}

/**
 * Checks that a spread group has room for one more server.
 * @throws ApiError `invalid_input` for an unknown group, `placement_error` when it is full
 */
export function assertRoomInGroup(lab: Lab, id: number): PlacementGroupRecord {
  const group = lab.store.get(PLACEMENT_GROUPS, id);
  if (!group) throw new ApiError("not_found", `placement group with ID '${id}' not found`);
  if (serversOf(lab, id).length >= limits.serversPerPlacementGroup) {
    throw new ApiError(
      "placement_error",
      `the placement group ${group.name} is full: ${limits.serversPerPlacementGroup} servers at most can be kept apart`,
    );
  }
  return group;
}
