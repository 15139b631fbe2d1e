/** Why a choice was made, each time with the answer that led to it. */
import { isSovereignClass } from "../../catalogue/data-classes.ts";
import type { MeasuredDrill } from "../../lab/drills/docs.ts";
import type { AnswerName, Answers } from "./answers.ts";
import { type Candidate, givenBy, minutesByHand, type NeedName, unmetBy } from "./candidates.ts";
import { outageOf, worstFigure } from "./figures.ts";
import { balticShare, type Remote, remoteVisitors } from "./geography.ts";
import type { PricedOption } from "./recommend.ts";
import { eurText, listText, lossText, minutesText } from "./words.ts";

export interface Reason {
  /** The answer that led to it. */
  readonly because: AnswerName;
  readonly text: string;
}

const reason = (because: AnswerName, text: string): Reason => ({ because, text });

export function reasonsFor(
  answers: Answers,
  candidate: Candidate,
  edges: readonly Remote[],
  figures: readonly MeasuredDrill[],
): Reason[] {
  const unmet = unmetBy(candidate, answers);
  return [
    ...(Object.keys(needs) as NeedName[])
      .filter((need) => !unmet.includes(need))
      .map((need) => reason(need, needs[need](answers, candidate, figures))),
    ...teamReasons(answers, candidate),
    ...placeReasons(answers, candidate),
    ...edgeReasons(answers, edges),
    ...backupReasons(answers),
  ];
}

/** How a choice gives what was wanted. */
const needs: Readonly<
  Record<NeedName, (answers: Answers, candidate: Candidate, figures: readonly MeasuredDrill[]) => string>
> = {
  rpo({ rpo }, { machine }) {
    const wanted = `the loss of a machine may take ${lossText(rpo)}`;
    if (machine.rpo === 0)
      return `${wanted}: a commit is on disk on two machines before it is acknowledged (zero-loss)`;
    if (machine.isAutomatic)
      return `${wanted}: a replica that is more than 2 s behind does not take over (low-latency)`;
    return `${wanted}: one machine with data is enough, its WAL goes to the store at least every minute`;
  },
  rto({ rto }, { machine }, figures) {
    const wanted = `writes may stop for ${minutesText(rto)} after the loss of a machine`;
    if (!machine.isAutomatic) return `${wanted}: time enough to make it again by hand`;
    const measured = outageOf(figures, "postgres-host-kill");
    return `${wanted}: another one takes over by itself${measured ? `: ${measured}` : ""}`;
  },
  locationRpo({ locationRpo }, { location }) {
    const wanted = `the loss of a location may take ${lossText(locationRpo)}`;
    if (location.rpo === 0)
      return `${wanted}: a commit is on disk in two locations before it is acknowledged (zero-loss)`;
    if (location.isAutomatic) return `${wanted}: replicas in another location follow within 2 s (low-latency)`;
    if (location.rpo === Number.POSITIVE_INFINITY) return `${wanted}: nothing has to be kept elsewhere`;
    return `${wanted}: backups elsewhere are enough, WAL goes there at least every minute`;
  },
  locationRto({ locationRto, team }, { location }, figures) {
    const wanted = `writes may stop for ${minutesText(locationRto)} after the loss of a location`;
    if (location.isAutomatic) {
      const lost = figures.find(
        ({ drill, medianOutageSeconds }) => drill.startsWith("location-") && medianOutageSeconds !== null,
      );
      const measured = lost ? outageOf(figures, lost.drill) : undefined;
      return `${wanted}, and bringing it back by hand is planned with ${minutesText(minutesByHand[team])}: another location takes over by itself${measured ? `: ${measured}` : " (no drill of it is on record yet)"}`;
    }
    const restore = worstFigure(figures, "backup-restore-1gb", "seconds of the restore");
    const share = restore === undefined ? "" : `, of which restoring 1 GB took ${Math.round(restore)} s in a drill`;
    return `${wanted}: deploying elsewhere and restoring by hand is planned with ${minutesText(minutesByHand[team])}${share}`;
  },
};

function teamReasons({ team, locationRto, people }: Answers, { location, locations }: Candidate): Reason[] {
  const hours = minutesText(minutesByHand["office-hours"]);
  const staffed = team === "on-call" ? "somebody is on call" : "nobody is there at night and at weekends";
  const found: Reason[] = [];
  if (team === "office-hours" && location.isAutomatic && locationRto < minutesByHand[team])
    found.push(
      reason("team", `${staffed}: what has to be back sooner than people are (${hours}) must come back by itself`),
    );
  if (!location.isAutomatic)
    found.push(reason("team", `${staffed}: fewer parts that move are fewer that can need somebody`));
  if (people < 2 && locations.length > 1)
    found.push(reason("people", "one person for several locations is few: rollouts and drills take attention in each"));
  return found;
}

function placeReasons({ traffic, backup }: Answers, { locations }: Candidate): Reason[] {
  const [primary] = locations;
  const baltic = balticShare(traffic);
  if (primary === "hel1" && baltic > 0)
    return [
      reason(
        "traffic",
        `${baltic} % of the visitors are around the Baltic: hel1 is the primary location, and commits wait for Germany where there is more than one`,
      ),
    ];
  if (typeof backup === "object" && primary !== "fsn1")
    return [
      reason("backup", `the primary location is ${primary}: backups have to outlive it, so it is not the store's`),
    ];
  return [];
}

function edgeReasons(answers: Answers, edges: readonly Remote[]): Reason[] {
  const far = remoteVisitors(answers.traffic);
  if (edges.length > 0)
    return edges.map(({ location, share, countries }) =>
      reason(
        "traffic",
        `${share} % of the visitors (${listText(countries)}) are nearer to ${location}: public content is cached there, everything else stays in the EU`,
      ),
    );
  const isAllowed = answers.data.some((name) => name === "static" || name === "public");
  if (far.length > 0 && !isAllowed)
    return [
      reason(
        "data",
        `nothing stands outside the EU: ${listText(answers.data)} have to stay, and no public or static content was named`,
      ),
    ];
  return [];
}

function backupReasons({ backup, data }: Answers): Reason[] {
  const precious = data.filter(isSovereignClass);
  return backup === "none" && precious.length > 0
    ? [
        reason(
          "backup",
          `no backups, although ${listText(precious)} data are handled: that is the first thing to change`,
        ),
      ]
    : [];
}

const lacks: Readonly<Record<NeedName, (value: number) => string>> = {
  rpo: (value) => `the loss of a machine may take ${lossText(value)}`,
  rto: (value) =>
    Number.isFinite(value)
      ? `back after the loss of a machine in ${minutesText(value)}`
      : "nothing brings back a lost machine",
  locationRpo: (value) => `the loss of a location may take ${lossText(value)}`,
  locationRto: (value) =>
    Number.isFinite(value)
      ? `back after the loss of a location in ${minutesText(value)}`
      : "nothing brings back a lost location",
};

const wantedText: Readonly<Record<NeedName, (value: number) => string>> = {
  rpo: lossText,
  rto: minutesText,
  locationRpo: lossText,
  locationRto: minutesText,
};

/** What was asked for and is not given, each with the reason. */
export function givenUpBy(
  answers: Answers,
  candidate: Candidate,
  { chosen, needed }: { readonly chosen: PricedOption; readonly needed: PricedOption },
): Reason[] {
  const price = `what gives it costs ${eurText(needed.atLeast)} a month`;
  return [
    // What meets every need may still be more than there is: then it is the smallest, and nothing but the budget is given up.
    ...unmetBy(candidate, answers).map((need) =>
      reason(need, `${lacks[need](givenBy(candidate, need))}, not ${wantedText[need](answers[need])}: ${price}`),
    ),
    ...(chosen.edges.length < needed.edges.length
      ? [reason("traffic", `no caches outside the EU: visitors there wait for the EU; ${price}`)]
      : []),
    ...(chosen.atLeast > answers.budget
      ? [
          reason(
            "budget",
            `nothing fits into ${eurText(answers.budget)}: the smallest costs ${eurText(chosen.atLeast)}`,
          ),
        ]
      : []),
  ];
}

/** Why another way was not taken. */
export function whyNot(answers: Answers, option: PricedOption, chosen: PricedOption): string {
  const unmet = unmetBy(option.candidate, answers);
  const difference = option.atLeast - chosen.atLeast;
  const words = [
    ...unmet.map((need) => lacks[need](givenBy(option.candidate, need))),
    ...(option.edges.length < chosen.edges.length ? ["visitors outside the EU wait for the EU"] : []),
    ...(option.atLeast > answers.budget ? [`over the budget by ${eurText(option.atLeast - answers.budget)}`] : []),
  ];
  if (words.length > 0) return words.join("; ");
  return difference > 0
    ? `${eurText(difference)} a month more, for more than was asked`
    : "gives what was asked, with more parts that move";
}
