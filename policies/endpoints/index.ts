import type { Properties } from "../../graph/model.ts";
import { limits } from "./limits.ts";
import { Reader } from "./reader.ts";
import { PLAIN, placeOf, type Setting, settingOfKind, walk } from "./tree.ts";
import type { Blind, Endpoint, Extract } from "./types.ts";

export type { Blind, Endpoint, Extract, Found } from "./types.ts";

/** Types whose `image` is a container's, so that a bare name is one of docker.io's. */
const CONTAINER_TYPES =
  /^(?:kubernetes|docker|docker-build|nomad|fly|rancher2?)[:/]|^command:|container|cloudrun|ecs|fargate|\bapp(?:service|runner|platform)?[:/]|:App$|lambda|batch|serverless|podman|compose/i;

/**
 * Everything that a resource's properties lead to, and what could not be looked into. Pure, deterministic order (that of the
 * properties), bounded by {@link limits} whatever comes in. What machines have in common is decoded once and remembered.
 * @param type Pulumi's type token
 */
export const extract: Extract = (properties: Properties, type: string) => {
  const reader = new Reader();
  const endpoints: Endpoint[] = [];
  const blind: Blind[] = [];
  const seen = new Set<string>();
  let cut = false;
  const setting = settingOfType(type);
  walk(properties, setting, {
    text: (found) => {
      const reading = reader.read(found.text, found);
      if (reading.leads.length === 0 && reading.blind.length === 0) return;
      const property = placeOf(found.path);
      for (const { place, lead } of reading.leads) {
        const key = `${property}\0${place.join("\n")}\0${lead.host}\0${lead.port ?? ""}`;
        if (seen.has(key)) continue;
        seen.add(key);
        if (endpoints.length >= limits.endpoints) cut = true;
        else endpoints.push(endpoint(property, place, found.secret, lead));
      }
      for (const { place, why, detail } of reading.blind)
        if (blind.length < limits.endpoints) blind.push({ property, place, secret: found.secret, why, detail });
    },
    unseen: (path, why, secret) => blind.push({ property: placeOf(path), place: [], secret, why }),
    tooDeep: (path, secret) =>
      blind.push({
        property: placeOf(path.slice(0, 8)),
        place: [],
        secret,
        why: "too-deep",
        detail: `more than ${limits.nesting} objects within one another`,
      }),
  });
  if (cut)
    blind.push({
      property: "",
      place: [],
      secret: false,
      why: "too-big",
      detail: `more than ${limits.endpoints} endpoints`,
    });
  return { endpoints, blind };
};

function endpoint(
  property: string,
  place: readonly string[],
  secret: boolean,
  lead: { host: string; kind: Endpoint["kind"]; form: Endpoint["form"]; port?: number; template?: true },
): Endpoint {
  const form = lead.template ? "template" : lead.form;
  return { property, place, secret, host: lead.host, kind: lead.kind, form, ...(lead.port ? { port: lead.port } : {}) };
}

function settingOfType(type: string): Setting {
  const kind = type.slice(type.lastIndexOf(":") + 1);
  if (type.startsWith("kubernetes:")) return settingOfKind(kind);
  return {
    ...PLAIN,
    containers: CONTAINER_TYPES.test(type),
    ownNames: settingOfKind(kind).ownNames,
    machine: /(?:server|instance|droplet|machine|vm|template|scaleset|nodepool)/i.test(kind),
    imageName: /^docker:.*:(?:RemoteImage|RegistryImage)$/.test(type),
  };
}
