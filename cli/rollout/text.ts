/** What a rollout says before it begins and when it ends. */
import { type HostFacts, isWaiting, order } from "./next.ts";
import type { Part } from "./part.ts";
import type { Kept, Situation, Unsettled } from "./rollout.ts";

const OTHERS_NAMED = 3;

/** What will be done, in which order, and what each step costs. */
export function renderPlan(stack: string, role: string, part: Part, situation: Situation): string {
  const { facts, view, others } = situation;
  const missing = facts.filter((host) => !host.isComplete).map(({ name }) => name);
  const open = facts.filter((host) => host.isOpen && host.isComplete);
  const poweredOff = open.filter((host) => host.isRetyped && host.isLifted && !isWaiting(host));
  const steps = order(facts, view).filter((host) => host.isComplete);
  const lines: string[] = [];
  if (steps.length > 0) {
    const count = steps.length === 1 ? "1 machine" : `${steps.length} machines, one after another`;
    lines.push(
      `Rollout of ${role} in ${stack}: ${count}. Each is deleted and made anew; volumes and addresses stay.`,
      "",
    );
    const width = Math.max(...steps.map(({ name }) => name.length));
    for (const [index, { name }] of steps.entries()) {
      const member = view?.members.get(name) ?? { role: "not known", rank: 0 };
      lines.push(`  ${index + 1}  ${name.padEnd(width)}  ${member.role}: ${part.cost(member, facts.length)}`);
    }
    lines.push(
      "",
      "Before each machine all others have to work, and a machine has to work before the next one's turn.",
    );
  }
  if (missing.length > 0)
    lines.push(
      `From an earlier run: ${missing.join(", ")} is not there, or not wholly, and is made first; only then can be seen which others are behind.`,
    );
  if (open.length > 0)
    lines.push(`From an earlier run, or by hand: ${named(open)} may be replaced; protected again at the end.`);
  if (poweredOff.length > 0)
    lines.push(
      `The update that protects ${named(poweredOff)} again also gives the other server type that is configured, with a power-off: one machine at a time, after it has handed over.`,
    );
  if (view?.problem !== undefined) lines.push(`Not now: ${view.problem}`);
  if (others.length > 0) {
    const some = others.slice(0, OTHERS_NAMED).join(", ");
    const more = others.length > OTHERS_NAMED ? ` and ${others.length - OTHERS_NAMED} more` : "";
    lines.push(`Not part of it, and waiting for pulumi up: ${some}${more}.`);
  }
  return lines.join("\n");
}

const named = (hosts: readonly HostFacts[]): string => hosts.map(({ name }) => name).join(", ");

/** After a stop or Ctrl-C. */
export function renderStanding(
  situation: Pick<Situation, "facts">,
  { missing, kept }: Unsettled,
  left: readonly string[],
  again: string,
): string {
  const all = situation.facts.length;
  const half =
    missing.length > 0
      ? `\n${missing.join(", ")} is deleted and not made anew yet: its volume is there, its protection is lifted until then.`
      : "";
  const rest = left.length > 0 ? `: ${left.join(", ")} ${left.length === 1 ? "is" : "are"} left` : "";
  return `${all - left.length} of ${all} machines are as configured${rest}.${half}${kept.map(renderKept).join("")}\nTo go on from here: ${again}`;
}

const renderKept = ({ name, from, to }: Kept): string =>
  `\n${name} stays unprotected: an update that protects it again gives it server type ${to} in place of ${from ?? "its own"} as well, and powers it off for that. The next run does so when the others work, after a hand-over where it has something to hand over.`;
