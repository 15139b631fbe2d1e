/** The ways in which a service can stand, from the weakest to the strongest, and what each stands up to. */
import { euLocations, type LocationName } from "../../catalogue/hetzner/locations.ts";
import { usualLocations } from "../../stacks/places.ts";
import type { Answers } from "./answers.ts";
import { balticShare } from "./geography.ts";

export type CandidateName = "one-machine" | "three-machines" | "two-locations" | "three-locations";

/** After the loss of a machine or a location. */
export interface Recovery {
  /** Seconds of acknowledged writes that may be lost; Infinity: all. */
  readonly rpo: number;
  /** Minutes until writes go on. */
  readonly rto: number;
  /** Whether nobody has to do anything. */
  readonly isAutomatic: boolean;
}

export interface Candidate {
  readonly name: CandidateName;
  readonly title: string;
  /** The primary first. */
  readonly locations: readonly LocationName[];
  readonly durability: "zero-loss" | "low-latency";
  /** Data nodes of Postgres in each location. */
  readonly postgresNodes: 1 | 3;
  readonly redisNodes: 1 | 3;
  /** App servers in each location. */
  readonly appServers: number;
  readonly machine: Recovery;
  readonly location: Recovery;
}

/**
 * Minutes until people have brought a service back by hand. On call: four hours, an assumption that leaves time to wake up, to decide, to deploy
 * elsewhere, to restore and to move DNS. Office hours: from Friday 17:00 to Monday 9:00, and the same four hours.
 */
export const minutesByHand = { "on-call": 4 * 60, "office-hours": (64 + 4) * 60 } as const;

/** The least that can be asked for: a failover takes less than a minute, see docs/drills.md. */
const automaticMinutes = 1;

/** WAL goes to the store at least every minute: components/postgres. */
export const archiveSeconds = 60;

/** A replica that is further behind does not take over: components/postgres. */
export const lowLatencySeconds = 2;

/** More visitors than this, in percent, and the primary moves near them. */
const most = 50;

const automatic = (rpo: number): Recovery => ({ rpo, rto: automaticMinutes, isAutomatic: true });

/** Locations in order: near most visitors, and the backups in another than the primary. */
export function locationsFor({ traffic, backup }: Pick<Answers, "traffic" | "backup">): LocationName[] {
  const usual = [...usualLocations];
  const preferred = balticShare(traffic) > most ? ["hel1" as const, ...usual.filter((name) => name !== "hel1")] : usual;
  const store =
    typeof backup === "object" ? euLocations().find((name) => backup.endpoint.startsWith(`${name}.`)) : undefined;
  return preferred[0] === store ? [...preferred.slice(1), preferred[0]!] : preferred;
}

/** From the weakest to the strongest. */
export function candidatesFor(answers: Pick<Answers, "traffic" | "backup" | "team">): readonly Candidate[] {
  const order = locationsFor(answers);
  const hasBackup = answers.backup !== "none";
  const byHand: Recovery = {
    rpo: hasBackup ? archiveSeconds : Number.POSITIVE_INFINITY,
    rto: hasBackup ? minutesByHand[answers.team] : Number.POSITIVE_INFINITY,
    isAutomatic: false,
  };
  return [
    {
      name: "one-machine",
      title: "one location, one machine of each kind",
      locations: order.slice(0, 1),
      durability: "zero-loss",
      postgresNodes: 1,
      redisNodes: 1,
      appServers: 1,
      // Its volume outlives a machine as a rule, which is no second copy.
      machine: byHand,
      location: byHand,
    },
    {
      name: "three-machines",
      title: "one location, three machines with data",
      locations: order.slice(0, 1),
      durability: "zero-loss",
      postgresNodes: 3,
      redisNodes: 3,
      appServers: 2,
      machine: automatic(0),
      location: byHand,
    },
    {
      name: "two-locations",
      title: "two locations, and a vote in a third",
      locations: order.slice(0, 2),
      // With one standby alone zero-loss would stop writes whenever either location is away.
      durability: "low-latency",
      postgresNodes: 1,
      redisNodes: 1,
      appServers: 2,
      machine: automatic(lowLatencySeconds),
      location: automatic(lowLatencySeconds),
    },
    {
      name: "three-locations",
      title: "three locations",
      locations: order,
      durability: "zero-loss",
      postgresNodes: 1,
      redisNodes: 1,
      appServers: 2,
      machine: automatic(0),
      location: automatic(0),
    },
  ];
}

export type NeedName = "rpo" | "rto" | "locationRpo" | "locationRto";

const given: Readonly<Record<NeedName, (candidate: Candidate) => number>> = {
  rpo: ({ machine }) => machine.rpo,
  rto: ({ machine }) => machine.rto,
  locationRpo: ({ location }) => location.rpo,
  locationRto: ({ location }) => location.rto,
};

export const givenBy = (candidate: Candidate, need: NeedName): number => given[need](candidate);

/** What is wanted and not given. */
export function unmetBy(candidate: Candidate, wanted: Pick<Answers, NeedName>): NeedName[] {
  return (Object.keys(given) as NeedName[]).filter((need) => given[need](candidate) > wanted[need]);
}
