import type { Kind } from "../core/kind.ts";
import { zones } from "./dns/zones.ts";
import { locations } from "./locations.ts";
import { sshKeys } from "./ssh-keys.ts";

/** All kinds of the API, in the order in which their routes are mounted. */
export const KINDS: readonly Kind<never>[] = [locations, sshKeys, zones] as unknown as Kind<never>[];
