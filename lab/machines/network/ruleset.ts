import { chainName, filteredDirections, renderChain, renderServerChains } from "./firewall.ts";
import { UPLINK_DEVICE } from "./names.ts";
import type { Guard } from "./plan.ts";

/** Members that are cut off, by id, and whether from the internet too. */
export type Cuts = ReadonlyMap<number, { readonly public: boolean }>;

/**
 * All rules of a router as input of `nft -f`, which replaces the former ones in one step; connections that were established stay so.
 * Cut members come first and before connections are looked at: established ones fall silent as well.
 */
export function renderRuleset(guard: Guard, cuts: Cuts): string {
  const cut = [...guard.devices].flatMap(([id, device]) =>
    cuts.has(id) && (!guard.isPublic || cuts.get(id)?.public) ? [device] : [],
  );
  const parts = [
    renderCut("prerouting", "iifname", cut),
    renderCut("postrouting", "oifname", cut),
    ...(guard.isPublic ? [renderForward(guard)] : []),
    ...guard.filtered.map(({ device, rules }) => renderServerChains(device, rules)),
  ];
  return `table inet lab {}\ndelete table inet lab\ntable inet lab {\n${parts.join("")}}\n`;
}

function renderCut(hook: "prerouting" | "postrouting", match: string, devices: readonly string[]): string {
  const names = devices.map((device) => `"${device}"`).join(", ");
  return renderChain(`cut-${hook}`, [
    `type filter hook ${hook} priority raw; policy accept;`,
    ...(devices.length === 0 ? [] : [`${match} { ${names} } drop`]),
  ]);
}

function renderForward({ filtered }: Guard): string {
  const jumps = (["out", "in"] as const).flatMap((direction) =>
    filtered
      .filter(({ rules }) => filteredDirections(rules).includes(direction))
      .map(
        ({ device }) =>
          `${direction === "in" ? "oifname" : "iifname"} "${device}" jump ${chainName(direction, device)}`,
      ),
  );
  return renderChain("forward", [
    "type filter hook forward priority filter; policy accept;",
    "ct state established,related accept",
    // Nothing inside the lab may begin to talk to the host.
    `oifname "${UPLINK_DEVICE}" reject with icmpx admin-prohibited`,
    ...jumps,
  ]);
}
