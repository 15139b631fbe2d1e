/** What a choice does not protect from. */
import type { MeasuredDrill } from "../../lab/drills/docs.ts";
import type { Answers } from "./answers.ts";
import { type Candidate, minutesByHand } from "./candidates.ts";
import { outageOf } from "./figures.ts";
import type { Remote } from "./geography.ts";
import { minutesText } from "./words.ts";

export function notProtectedFrom(
  answers: Answers,
  candidate: Candidate,
  edges: readonly Remote[],
  figures: readonly MeasuredDrill[],
): string[] {
  return [
    ...ofMachines(candidate),
    ...ofLocations(answers, candidate, figures),
    ...ofBackups(answers),
    ...(answers.people === 1
      ? ["The one person who knows it being away: nobody else rolls out, restores or answers an alert."]
      : []),
    ...(edges.length > 0
      ? [
          "Outside the EU, machines see the IP addresses of their visitors, under the law of where they stand. They hold public content and nothing else.",
        ]
      : []),
    "The provider itself: your account, its API, its network. All of it is with one company; backups in a store elsewhere are the way out.",
  ];
}

function ofMachines({ name, redisNodes }: Candidate): string[] {
  if (name === "one-machine")
    return [
      "The loss of any machine: the service is down until somebody has made it again. Its volume survives as a rule, which is no second copy.",
    ];
  return redisNodes === 1
    ? ["The loss of a machine with sessions: its location's visitors are logged out, and the cache there is empty."]
    : [];
}

function ofLocations(
  { team, backup }: Answers,
  { name, locations }: Candidate,
  figures: readonly MeasuredDrill[],
): string[] {
  switch (name) {
    case "three-locations":
      return [
        "The loss of two locations at once: writes stop until one of them is back.",
        "The loss of a location for its visitors' sessions: they log in again elsewhere.",
      ];
    case "two-locations": {
      const lost = figures.find(({ drill }) => drill === "control-low-latency")?.lost;
      const shown = lost ? ` (in a drill of it ${lost} acknowledged writes were gone)` : "";
      return [
        `Lost writes: a failover takes what had not reached the other location, at worst the last 2 s and 1 MB of WAL${shown}.`,
        "The loss of both locations with data: what is left is the backup.",
      ];
    }
    case "one-machine":
    case "three-machines":
      return backup === "none"
        ? [`The loss of ${locations[0]}: without backups everything is gone.`]
        : [
            `The loss of ${locations[0]}: somebody deploys elsewhere and restores (planned with ${minutesText(minutesByHand[team])}), and what had not reached the store is gone: a minute of WAL as a rule.`,
          ];
  }
}

const ofBackups = ({ backup }: Answers): string[] => [
  backup === "none"
    ? "Deleting by mistake, or a program that writes nonsense: every copy does the same at once, and there is no backup to go back to."
    : "Deleting by mistake, or a program that writes nonsense, reaches every copy at once: a restore is the way back, and costs what was written since.",
];

/** What drills measured of the failover that a choice relies on; undefined where none did. */
export const machineFailover = (figures: readonly MeasuredDrill[]): string | undefined =>
  outageOf(figures, "postgres-host-kill");
