/** What is to be measured, and the bounds of it. Pure. */
import { LoadError } from "./errors.ts";

export interface LoadPlan {
  /** Numbers of app servers, one measurement each. */
  readonly servers: readonly number[];
  /** Users at the same time, growing. */
  readonly users: readonly number[];
  /** Seconds of each step that count. */
  readonly stepSeconds: number;
  /** Processor time that each machine of a role may take, in cores. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Bounds: a lab's machines share their host with whoever works on it. */
export const bounds = {
  servers: { least: 1, most: 10, entries: 5 },
  users: { least: 1, most: 2000, entries: 20 },
  stepSeconds: { least: 15, most: 600 },
  cpu: { least: 0.05, most: 64 },
} as const;

/** Roles of machines that a share can be set for. */
export const limitedRoles = ["app", "postgres", "redis"] as const;

/** Seconds at the beginning of each step that do not count: connections are made, caches filled. */
export const warmSeconds = 8;

export const defaults: LoadPlan = {
  servers: [1, 2, 4],
  users: [20, 40, 60, 80, 120, 160, 200, 300],
  stepSeconds: 30,
  // Less leaves an app server little: HAProxy's checks of the data services alone take a twentieth of a core.
  cpu: { app: 0.2, postgres: 0.3 },
};

/** @throws LoadError naming what is outside of its bounds */
function growing(what: string, text: string, { least, most, entries }: typeof bounds.users | typeof bounds.servers) {
  const words = text.split(",").map((word) => word.trim());
  const values = words.map((word) => (/^\d{1,6}$/.test(word) ? Number(word) : Number.NaN));
  const isGrowing = values.every((value, i) => i === 0 || value > values[i - 1]!);
  if (values.every((value) => value >= least && value <= most) && isGrowing && values.length <= entries) return values;
  throw new LoadError(
    `${what}: expected up to ${entries} growing whole numbers from ${least} to ${most}, such as ${least},${least + 1}`,
  );
}

export const parseServers = (text: string): number[] => growing("servers", text, bounds.servers);
export const parseUsers = (text: string): number[] => growing("users", text, bounds.users);

/** `app=0.2`: each machine of that role gets a fifth of a core. */
export function parseCpu(text: string): readonly [role: string, cores: number] {
  const [, role = "", cores = ""] = /^([a-z]+)=(\d{1,2}(?:\.\d{1,3})?)$/.exec(text) ?? [];
  const { least, most } = bounds.cpu;
  const isRole = (limitedRoles as readonly string[]).includes(role);
  if (isRole && Number(cores) >= least && Number(cores) <= most) return [role, Number(cores)];
  throw new LoadError(
    `cpu: expected a role (${limitedRoles.join(", ")}) and cores from ${least} to ${most}, such as app=0.2`,
  );
}

/** Whole seconds that a plan needs at least, deployments not counted. */
export function plannedSeconds({ servers, users, stepSeconds }: LoadPlan): number {
  return servers.length * users.length * (warmSeconds + stepSeconds);
}
