/** What is in the picture: resources folded to boxes by place and role, outsiders by vendor, and who talks to whom. */
import type { Standing } from "../../catalogue/countries.ts";
import type { Action, Presence, Topology } from "../model.ts";
import { boxesOf, type Members } from "./boxes.ts";
import { outwardOf } from "./outward.ts";
import { passagesBetween } from "./passages.ts";

/** How many resources of a box each action hits. */
export type Marks = Readonly<Partial<Record<Action, number>>>;

export interface Box {
  readonly id: string;
  /** `12 app servers`. */
  readonly title: string;
  /** Further lines: sizes, volumes, where it was before. */
  readonly details: readonly string[];
  readonly marks: Marks;
  /** Whether it stands in a private network. */
  readonly inNetwork: boolean;
  readonly classes: readonly string[];
  /** What it is called where ports are named: `postgres`. */
  readonly role: string;
}

export interface Zone {
  readonly id: string;
  readonly title: string;
  readonly standing: Standing;
  readonly boxes: readonly Box[];
  /** What is there beside the boxes: `3 subnets (+1)`. */
  readonly others: readonly string[];
  /** Names of the private networks that its boxes stand in. */
  readonly networks: readonly string[];
}

/** Somebody outside the deployment. */
export interface Outsider {
  readonly id: string;
  readonly title: string;
  readonly details: readonly string[];
  /** `around`: who comes in from anywhere. */
  readonly side: "inside" | "outside" | "unknown" | "around";
  readonly presence: Presence;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Zones whose border the edge starts or ends at, where it stands for all that is in them. */
  readonly fromZone?: string;
  readonly toZone?: string;
  readonly label: string;
  /** What is written at the line, where all of it would be too long. @default label */
  readonly short?: string;
  /** `between`: one line for all that two places may say to one another. */
  readonly kind: "visitors" | "administration" | "internal" | "outward" | "between";
  readonly leaves: boolean;
  readonly presence: Presence;
}

export interface Scene {
  readonly zones: readonly Zone[];
  readonly outsiders: readonly Outsider[];
  readonly edges: readonly Edge[];
}

export function sceneOf(topology: Topology): Scene {
  const { zones, members } = boxesOf(topology);
  const inner = passagesBetween(topology, members);
  const outer = outwardOf(topology, members);
  return {
    zones,
    outsiders: [...inner.outsiders, ...outer.outsiders],
    edges: [...inner.edges, ...outer.edges],
  };
}

export type { Members };
