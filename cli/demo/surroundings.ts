/** What the engine cannot do for a deployment on a lab: the zone that is there before it, and protection that stands in the way after it. */
import { existsSync, readFileSync } from "node:fs";
import { getDomain } from "tldts";
import { parse } from "yaml";
import { z } from "zod";
import type { LabApi } from "../../lab/session/client.ts";

const configSchema = z.object({
  config: z.object({
    "sovereign:domain": z.string(),
    "sovereign:dns": z
      .object({ zone: z.string(), create: z.boolean().optional(), servers: z.string().optional() })
      .optional(),
  }),
});

/** The zone at the provider that a configuration takes for given; undefined when the stack makes its own, or its own name servers have it. */
export function expectedZone(configText: string): string | undefined {
  const config = configSchema.safeParse(parse(configText)).data?.config;
  const dns = config?.["sovereign:dns"];
  if (!config || dns?.create || dns?.servers === "own") return undefined;
  return dns?.zone ?? getDomain(config["sovereign:domain"]) ?? undefined;
}

/** Makes what a user has before the first deployment: the zone of the domain, which a managed certificate needs. */
export async function ensureZone(api: LabApi, configFile: string): Promise<void> {
  const name = expectedZone(readFileSync(configFile, "utf8"));
  if (name && !(await api("GET", `/zones/${name}`))) await api("POST", "/zones", { name, mode: "primary" });
}

/** Removes that zone again. */
export async function removeZone(api: LabApi, configFile: string): Promise<void> {
  const name = existsSync(configFile) && expectedZone(readFileSync(configFile, "utf8"));
  if (name) await api("DELETE", `/zones/${name}`);
}

/** Kinds that can be protected against deletion. */
const PROTECTED = ["servers", "volumes", "networks", "load_balancers", "primary_ips", "floating_ips", "zones"];

const page = z.looseObject({ meta: z.object({ pagination: z.object({ next_page: z.int().nullable() }) }) });
const items = z.array(
  z.object({ id: z.int(), protection: z.object({ delete: z.boolean(), rebuild: z.boolean().optional() }) }),
);

/** Takes the provider's protection against deletion off everything that a stack has. */
export async function liftProtection(api: LabApi, stack: string): Promise<void> {
  for (const kind of PROTECTED) {
    for (const { id, protection } of await listAll(api, kind, stack)) {
      if (!protection.delete) continue;
      const rebuild = protection.rebuild === undefined ? {} : { rebuild: false };
      await api("POST", `/${kind}/${id}/actions/change_protection`, { delete: false, ...rebuild });
    }
  }
}

async function listAll(api: LabApi, kind: string, stack: string): Promise<z.infer<typeof items>> {
  const all: z.infer<typeof items> = [];
  for (let next: number | null = 1; next !== null; ) {
    const answer: z.infer<typeof page> = page.parse(
      await api("GET", `/${kind}?label_selector=stack==${stack}&per_page=50&page=${next}`),
    );
    all.push(...items.parse(answer[kind]));
    next = answer.meta.pagination.next_page;
  }
  return all;
}
