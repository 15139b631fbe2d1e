/** Health of targets: reported by the driver, or told by the servers' status where no machines stand behind the API. */
import type { Lab } from "../../core/lab.ts";
import { noDriver, type TargetHealth } from "../../driver.ts";
import { SERVERS } from "../../model.ts";
import type { LoadBalancerRecord, LoadBalancerTarget } from "../../model-traffic.ts";
import { isReachable, selectedServers } from "./targets.ts";

type Status = TargetHealth["status"];

/** Reports live as long as their lab: after a restart the driver reports anew. */
const reports = new WeakMap<Lab, Map<string, Status>>();

const keyOf = ({ loadBalancer, listenPort, target }: Omit<TargetHealth, "status">) =>
  `${loadBalancer} ${listenPort} ${"server" in target ? `server ${target.server}` : target.ip}`;

/** Takes a driver's report; what is not a target is never shown. */
export function reportTargetHealth(lab: Lab, report: TargetHealth): void {
  const ofLab = reports.get(lab) ?? new Map<string, Status>();
  reports.set(lab, ofLab.set(keyOf(report), report.status));
}

/** Forgets what was reported for a load balancer. */
export function forgetHealth(lab: Lab, loadBalancer: number): void {
  const ofLab = reports.get(lab);
  for (const key of ofLab?.keys() ?? []) if (key.startsWith(`${loadBalancer} `)) ofLab?.delete(key);
}

function serverHealth(lab: Lab, balancer: LoadBalancerRecord, id: number, usePrivate: boolean): Status {
  const status = lab.store.get(SERVERS, id)?.status;
  if (status === "initializing" || status === "starting") return "unknown";
  return status === "running" && isReachable(lab, balancer, id, usePrivate) ? "healthy" : "unhealthy";
}

function healthStatus(lab: Lab, balancer: LoadBalancerRecord, target: TargetHealth["target"], usePrivate: boolean) {
  const unreported =
    lab.driver === noDriver && "server" in target ? serverHealth(lab, balancer, target.server, usePrivate) : "unknown";
  return balancer.services.map(({ listen_port }) => ({
    listen_port,
    status: reports.get(lab)?.get(keyOf({ loadBalancer: balancer.id, listenPort: listen_port, target })) ?? unreported,
  }));
}

/** A target as the API shows it, with its health for each service. */
export function renderTarget(lab: Lab, balancer: LoadBalancerRecord, target: LoadBalancerTarget): object {
  if (target.type === "ip")
    return {
      type: "ip",
      ip: { ip: target.ip },
      health_status: healthStatus(lab, balancer, { ip: target.ip }, false),
      use_private_ip: false,
    };
  const serverTarget = (id: number) => ({
    type: "server",
    server: { id },
    health_status: healthStatus(lab, balancer, { server: id }, target.use_private_ip),
    use_private_ip: target.use_private_ip,
  });
  if (target.type === "server") return serverTarget(target.server);
  return {
    type: "label_selector",
    label_selector: { selector: target.selector },
    use_private_ip: target.use_private_ip,
    targets: selectedServers(lab, balancer, target).map((server) => serverTarget(server.id)),
  };
}
