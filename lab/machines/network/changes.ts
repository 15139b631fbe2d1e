import type { Entry, Link, LinkEnd, Namespace, Plan } from "./plan.ts";

/** Something to do, in words that a program of the machine takes. */
export type Step =
  | { readonly kind: "add namespace" | "delete namespace"; readonly namespace: string }
  /** Below /proc/sys/net of the namespace. */
  | { readonly kind: "settings"; readonly namespace: string; readonly settings: Readonly<Record<string, string>> }
  /** Input of `ip -batch`. `mayFail`: what is to be removed may be gone, as a machine can change its own interfaces. */
  | { readonly kind: "ip"; readonly namespace: string; readonly lines: readonly string[]; readonly mayFail?: boolean }
  /** netem on a device. */
  | { readonly kind: "netem"; readonly namespace: string; readonly device: string; readonly oneWayMs: number }
  | { readonly kind: "start line" | "stop line"; readonly line: Line };

/** Two TUN devices that a program carries packets between. */
export interface Line {
  readonly key: string;
  readonly ends: Link["ends"];
  readonly oneWayMs: number;
}

/** How a kernel can delay packets. */
export type DelayMethod = "netem" | "user-space";

export interface Changes {
  /** Cables and namespaces that go, then namespaces that come. */
  readonly before: readonly Step[];
  /** Once the rules are loaded, so that nothing is open for a moment: cables that come or change. */
  readonly after: readonly Step[];
}

export const emptyPlan: Plan = { namespaces: new Map(), links: new Map() };

/** What leads from one plan to another; nothing when they are equal. */
export function planChanges(from: Plan, to: Plan, delayBy: DelayMethod): Changes {
  const cables = linkChanges(from, to);
  const gone = [...from.namespaces.values()].filter(({ name }) => !to.namespaces.has(name));
  const fresh = [...to.namespaces.values()].filter(({ name }) => !from.namespaces.has(name));
  const kept = [...to.namespaces.values()].flatMap((after) => {
    const before = from.namespaces.get(after.name);
    return before ? [{ before, after }] : [];
  });
  return {
    before: [
      ...cables.gone.flatMap(([key, link]) => removeLink(key, link, delayBy)),
      ...gone.map(({ name }): Step => ({ kind: "delete namespace", namespace: name })),
      ...fresh.flatMap(addNamespace),
      ...kept.flatMap(({ before, after }) => changeEntries(after.name, before.entries, after.entries)),
    ],
    after: [
      ...addLinks(cables.fresh, delayBy),
      ...cables.kept.flatMap(({ before, after }) =>
        [0, 1].flatMap((end) =>
          changeEntries(after.ends[end]!.namespace, before.ends[end]!.entries, after.ends[end]!.entries),
        ),
      ),
    ],
  };
}

function linkChanges(from: Plan, to: Plan) {
  const gone: [string, Link][] = [];
  const kept: { before: Link; after: Link }[] = [];
  for (const [key, before] of from.links) {
    const after = to.links.get(key);
    if (after && isSameCable(before, after)) kept.push({ before, after });
    else gone.push([key, before]);
  }
  const fresh = [...to.links].filter(([key, link]) => {
    const before = from.links.get(key);
    return !before || !isSameCable(before, link);
  });
  return { gone, kept, fresh };
}

function isSameCable(a: Link, b: Link): boolean {
  const cable = ({ mtu, oneWayMs, ends }: Link) =>
    JSON.stringify([mtu, oneWayMs, ends.map(({ namespace, device, mac }) => [namespace, device, mac])]);
  return cable(a) === cable(b);
}

const addNamespace = ({ name, settings, entries }: Namespace): Step[] => [
  { kind: "add namespace", namespace: name },
  { kind: "settings", namespace: name, settings },
  { kind: "ip", namespace: name, lines: ["link set lo up", ...entries.map(added)] },
];

/** `replace` puts right what a machine changed; routes are unique by destination and metric, addresses by device. */
const added = (entry: Entry): string => entry.replace(" ", " replace ");
const removed = (entry: Entry): string => entry.replace(" ", " delete ");

function changeEntries(namespace: string, before: readonly Entry[], after: readonly Entry[]): Step[] {
  const gone = before.filter((entry) => !after.includes(entry)).reverse();
  const fresh = after.filter((entry) => !before.includes(entry));
  return [
    ...(gone.length === 0 ? [] : [{ kind: "ip", namespace, lines: gone.map(removed), mayFail: true } as const]),
    ...(fresh.length === 0 ? [] : [{ kind: "ip", namespace, lines: fresh.map(added) } as const]),
  ];
}

const isLine = (link: Link, delayBy: DelayMethod): boolean => link.oneWayMs !== undefined && delayBy === "user-space";

const lineOf = (key: string, { ends, oneWayMs = 0 }: Link): Line => ({ key, ends, oneWayMs });

/** Cables go before whatever hangs on them, so that nobody says goodbye over them. */
function removeLink(key: string, link: Link, delayBy: DelayMethod): Step[] {
  const remove = ({ namespace, device }: LinkEnd): Step => ({
    kind: "ip",
    namespace,
    lines: [`link delete dev ${device}`],
    mayFail: true,
  });
  // One end of a veth pair takes the other with it.
  if (!isLine(link, delayBy)) return [remove(link.ends[0])];
  return [{ kind: "stop line", line: lineOf(key, link) }, ...link.ends.map(remove)];
}

/** All new cables at once: one call of `ip` for each namespace and phase. */
function addLinks(links: readonly (readonly [string, Link])[], delayBy: DelayMethod): Step[] {
  const plugged = new Map<string, string[]>();
  const configured = new Map<string, string[]>();
  const into = (phase: Map<string, string[]>, namespace: string, ...lines: string[]) =>
    phase.set(namespace, [...(phase.get(namespace) ?? []), ...lines]);
  for (const [, link] of links) {
    const [near, far] = link.ends;
    if (isLine(link, delayBy)) {
      for (const { namespace, device } of link.ends)
        into(plugged, namespace, `tuntap add dev ${device} mode tun vnet_hdr`);
    } else {
      into(
        plugged,
        near.namespace,
        `link add ${deviceOf(near, link)} type veth peer ${deviceOf(far, link)} netns ${far.namespace}`,
      );
    }
    for (const { namespace, device, entries } of link.ends) {
      const up = `link set dev ${device} mtu ${link.mtu} addrgenmode none`;
      into(configured, namespace, up, `link set dev ${device} up`, ...entries.map(added));
    }
  }
  const steps = (phase: Map<string, string[]>) =>
    [...phase].map(([namespace, lines]): Step => ({ kind: "ip", namespace, lines }));
  return [...steps(plugged), ...steps(configured), ...links.flatMap(([key, link]) => delayLink(key, link, delayBy))];
}

const deviceOf = ({ device, mac }: LinkEnd, { mtu }: Link) => `name ${device} mtu ${mtu} address ${mac}`;

function delayLink(key: string, link: Link, delayBy: DelayMethod): Step[] {
  const { oneWayMs, ends } = link;
  if (oneWayMs === undefined) return [];
  if (isLine(link, delayBy)) return [{ kind: "start line", line: lineOf(key, link) }];
  return ends.map(({ namespace, device }): Step => ({ kind: "netem", namespace, device, oneWayMs }));
}
