/** The lab's load balancers: one proxy for each of the API's. */
import { ATTACHMENTS, PRIMARY_IPS, SERVERS } from "../../../api/model.ts";
import { CERTIFICATES, LOAD_BALANCERS } from "../../../api/model-traffic.ts";
import { type LabService, reasonOf, type ServiceContext, soon } from "../service.ts";
import { Balancer } from "./balancer.ts";
import { balancerSpec } from "./spec.ts";

/** Kinds of records that decide what a load balancer does. */
const KINDS: ReadonlySet<string> = new Set(
  [LOAD_BALANCERS, SERVERS, PRIMARY_IPS, ATTACHMENTS, CERTIFICATES].map(({ name }) => name),
);

/** Milliseconds between two looks at the health of targets. */
const LOOK_MS = 500;
/** Milliseconds until something that went wrong is tried again. */
const RETRY_MS = 5000;

/** Serves the load balancers of the API. */
export function loadBalancers({ view, network, tree, log }: ServiceContext): LabService {
  const running = new Map<number, Balancer>();
  /** The records that they are made of have changed since the last round. */
  let changed = true;
  const troubles = new Map<number, { readonly reason: string; readonly until: number }>();

  const bring = async (id: number): Promise<void> => {
    const record = view.store.get(LOAD_BALANCERS, id);
    if (!record) {
      await running.get(id)?.stop();
      running.delete(id);
      return;
    }
    const { netns } = await network.ensureLoadBalancer(id);
    const balancer =
      running.get(id) ??
      new Balancer({
        tree,
        netns,
        log: (line) => log(`load balancer ${id}: ${line}`),
        report: (health) => view.reportTargetHealth({ loadBalancer: id, ...health }),
      });
    running.set(id, balancer);
    await balancer.apply(balancerSpec(view, record));
  };

  /** What goes wrong is told once, and tried again after a while or when something changes. */
  const attend = async (id: number, isChanged: boolean): Promise<void> => {
    const trouble = troubles.get(id);
    if (trouble && !isChanged && Date.now() < trouble.until) return;
    try {
      if (trouble || isChanged || !running.get(id)?.isInOrder) await bring(id);
      await running.get(id)?.look();
      troubles.delete(id);
    } catch (error) {
      const reason = reasonOf(error);
      if (trouble?.reason !== reason) log(`load balancer ${id}: ${reason}`);
      troubles.set(id, { reason, until: Date.now() + RETRY_MS });
    }
  };

  const round = soon(
    async () => {
      const isChanged = changed;
      changed = false;
      const ids = new Set([...running.keys(), ...view.store.all(LOAD_BALANCERS).map(({ id }) => id)]);
      await Promise.all([...ids].map((id) => attend(id, isChanged)));
    },
    (error) => log(`load balancers: ${reasonOf(error)}`),
  );
  let clock: NodeJS.Timeout | undefined;

  return {
    name: "load balancers",
    start: async () => {
      round.call();
      await round.idle();
      // Each look also brings back a proxy that has ended.
      clock = setInterval(round.call, LOOK_MS);
    },
    changed: (changes) => {
      if (!changes.some(({ kind }) => KINDS.has(kind))) return;
      changed = true;
      round.call();
    },
    stop: async () => {
      clearInterval(clock);
      await round.idle();
      await Promise.all([...running.values()].map((balancer) => balancer.stop()));
      running.clear();
    },
  };
}
