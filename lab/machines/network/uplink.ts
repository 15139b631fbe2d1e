import { setTimeout as sleep } from "node:timers/promises";
import ipaddr from "ipaddr.js";
import type { Run } from "../run.ts";
import { NetworkError } from "./inside.ts";
import { PUBLIC, PUBLIC_RANGE, UPLINK_DEVICE, UPLINK_HOST, UPLINK_LAB } from "./names.ts";

/** Devices of labs on the host begin so. */
const HOST_PREFIX = "svlab";
/** A route this wide is no claim on the range: a default route, or the halves that a VPN puts over it. */
const WIDEST_CLAIM = 8;
/** Milliseconds: a lab that was killed a moment ago is still being cleared away by the kernel. */
const PATIENCE_MS = 3000;

export interface HostRoute {
  readonly dst: string;
  readonly dev?: string | undefined;
}

interface HostDevice {
  readonly ifname: string;
  readonly ifalias?: string | undefined;
}

/** The device that the uplink gets on the host. */
export function uplinkDevice(taken: readonly string[]): string {
  for (let n = 0; ; n++) if (!taken.includes(`${HOST_PREFIX}${n}`)) return `${HOST_PREFIX}${n}`;
}

/** The host's route that the lab's range of public addresses would take addresses from. */
export function collidingRoute(routes: readonly HostRoute[]): HostRoute | undefined {
  const [range, bits] = ipaddr.IPv4.parseCIDR(PUBLIC_RANGE);
  return routes.find(({ dst }) => {
    const text = dst.includes("/") ? dst : `${dst}/32`;
    if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return false;
    const [other, otherBits] = ipaddr.IPv4.parseCIDR(text);
    return otherBits >= WIDEST_CLAIM && range.match(other, Math.min(bits, otherBits));
  });
}

/** Says what collides and what to do about it. */
export function collisionMessage({ dst, dev }: HostRoute, devices: readonly HostDevice[]): string {
  const owner = devices.find((device) => device.ifname === dev);
  const known = dev?.startsWith(HOST_PREFIX) ?? false;
  const who = known
    ? `by another lab${owner?.ifalias === undefined ? "" : ` (${owner.ifalias})`}, at its device ${dev}: stop that lab first`
    : `${dev === undefined ? "" : `to its device ${dev} `}by something else: remove that route while the lab runs`;
  return `the lab's public addresses, ${PUBLIC_RANGE}, cannot be reached from this machine: it routes ${dst} already, ${who}`;
}

/** Input of `ip -batch` on the host. */
export const renderHostUplink = (device: string, alias: string): string =>
  [
    `link add name ${device} type veth peer name ${UPLINK_DEVICE} netns ${PUBLIC}`,
    `link set dev ${device} alias "${alias}" addrgenmode none`,
    `address add ${UPLINK_HOST}/32 dev ${device}`,
    `link set dev ${device} up`,
    `route add ${UPLINK_LAB}/32 dev ${device} src ${UPLINK_HOST}`,
    `route add ${PUBLIC_RANGE} via ${UPLINK_LAB} dev ${device} onlink src ${UPLINK_HOST}`,
    "",
  ].join("\n");

/** Input of `ip -batch` in {@link PUBLIC}. */
export const renderLabUplink = (): string =>
  [
    `link set dev ${UPLINK_DEVICE} addrgenmode none`,
    `address add ${UPLINK_LAB}/32 dev ${UPLINK_DEVICE}`,
    `link set dev ${UPLINK_DEVICE} up`,
    `route add ${UPLINK_HOST}/32 dev ${UPLINK_DEVICE}`,
    "",
  ].join("\n");

/**
 * Connects the host to the lab's internet, so that people and drills reach public addresses. It ends with the lab's namespaces, however
 * those end: a veth goes with its other end.
 * @param lab its name, which a lab that collides is shown
 * @returns the host's device
 * @throws NetworkError when the range is routed on the host already
 */
export async function connectUplink(run: Run, lab: string): Promise<string> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(100)) {
    const routes = JSON.parse(await run(["ip", "-j", "-4", "route", "show", "table", "all"])) as HostRoute[];
    const devices = JSON.parse(await run(["ip", "-j", "link", "show"])) as HostDevice[];
    const colliding = collidingRoute(routes);
    if (colliding === undefined) {
      const device = uplinkDevice(devices.map(({ ifname }) => ifname));
      await run(["ip", "-batch", "-"], { input: renderHostUplink(device, `lab ${lab}`) });
      await run(["ip", "-n", PUBLIC, "-batch", "-"], { input: renderLabUplink() });
      return device;
    }
    const mayVanish = colliding.dev?.startsWith(HOST_PREFIX) ?? false;
    if (!mayVanish || Date.now() > until) throw new NetworkError(collisionMessage(colliding, devices));
  }
}
