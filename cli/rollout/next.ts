/** What a rollout does next: a pure function of what there is, so that a second run goes on wherever the first one ended. */

/** A machine as far as its replacement is concerned. */
export interface HostFacts {
  readonly name: string;
  /** Whether all of it is there. */
  readonly isComplete: boolean;
  /** Whether the engine and the provider refuse to replace it. */
  readonly isProtected: boolean;
  /** Whether an update is needed to protect it again: the protection of some part of it is lifted. */
  readonly isLifted: boolean;
  /** Whether the configuration allows it to be replaced. */
  readonly isExcepted: boolean;
  /** Whether it is allowed, or not protected, in a way that a rollout has to put right again. */
  readonly isOpen: boolean;
  /** Whether it was made with another configuration than today's. */
  readonly isBehind: boolean;
  /** Whether the configuration asks for another generation than the machine has. */
  readonly isAsked: boolean;
  /** Whether any update of it, also one that only protects it again, gives it another server type, and powers it off for that. */
  readonly isRetyped: boolean;
}

/** A machine as it does its work. */
export interface MemberView {
  /** In words: primary, synchronous standby, replica, ... */
  readonly role: string;
  /** The lowest is replaced first. */
  readonly rank: number;
  /** What it has to hand over first; undefined when it can be replaced as it is. */
  readonly handOver?: string | undefined;
}

/** The machines of a role as they work together. */
export interface View {
  readonly members: ReadonlyMap<string, MemberView>;
  /** Why none may be taken away now; undefined when one may. */
  readonly problem: string | undefined;
}

export type Action =
  | { readonly kind: "done" }
  /** Nothing that a rollout may do: people have to look. */
  | { readonly kind: "stop"; readonly why: string }
  /** The machines do not work as they should: nothing is taken away until they do. */
  | { readonly kind: "wait"; readonly why: string }
  /** Lifts the protection of one, and puts that of others back. */
  | { readonly kind: "allow"; readonly host: string; readonly close: readonly string[] }
  /** Puts the protection back. */
  | { readonly kind: "close"; readonly hosts: readonly string[] }
  /** What a machine does for all goes to another one. */
  | { readonly kind: "hand over"; readonly host: string; readonly what: string }
  /** Deletes a machine and makes it anew; `raise`: its generation has to be raised for it. */
  | { readonly kind: "replace"; readonly host: string; readonly raise: boolean };

export const isWaiting = (host: HostFacts): boolean => host.isBehind || host.isAsked;

/** Whether the machines have to be asked before anything is decided. */
export function needsView(hosts: readonly HostFacts[]): boolean {
  return hosts.every((host) => host.isComplete) && hosts.some((host) => isWaiting(host) || host.isOpen);
}

function byRank(hosts: readonly HostFacts[], view: View | undefined): HostFacts[] {
  const rank = ({ name }: HostFacts): number => view?.members.get(name)?.rank ?? 0;
  return hosts.toSorted((a, b) => rank(a) - rank(b));
}

/** Machines that are still to be replaced, in their order. */
export const order = (hosts: readonly HostFacts[], view: View | undefined): HostFacts[] =>
  byRank(hosts.filter(isWaiting), view);

/** @param view undefined when nothing needs to be known of it ({@link needsView}) */
export function nextAction(hosts: readonly HostFacts[], view: View | undefined): Action {
  const missing = hosts.filter((host) => !host.isComplete);
  if (missing.length > 1)
    return {
      kind: "stop",
      why: `${missing.map((host) => host.name).join(" and ")} are not there, or not wholly: a rollout never takes two; make them with pulumi up`,
    };
  // Its machine is gone already: everything else waits until it is back.
  if (missing[0]) return { kind: "replace", host: missing[0].name, raise: false };
  if (!needsView(hosts)) return { kind: "done" };
  if (!view || view.problem !== undefined) return { kind: "wait", why: view?.problem ?? "nobody has been asked" };
  const [next] = order(hosts, view);
  const open = byRank(hosts, view).filter((host) => host.isOpen && host !== next);
  // What is powered off by it has a turn of its own, alone and after a hand-over.
  const close = open.filter((host) => !host.isRetyped || !host.isLifted).map((host) => host.name);
  if (!next && close.length > 0) return { kind: "close", hosts: close };
  const turn = next ?? open[0];
  if (!turn) return { kind: "done" };
  const member = view.members.get(turn.name);
  // Before any update of it, also the one that lifts its protection or puts it back.
  if (member?.handOver !== undefined) return { kind: "hand over", host: turn.name, what: member.handOver };
  if (!next) return { kind: "close", hosts: [turn.name] };
  if (!next.isExcepted || next.isProtected || close.length > 0) return { kind: "allow", host: next.name, close };
  return { kind: "replace", host: next.name, raise: !next.isAsked };
}
