import { attachmentsOf } from "../../core/ipam.ts";
import type { Lab } from "../../core/lab.ts";
import { PLACEMENT_GROUPS, PRIMARY_IPS, type PrimaryIpRecord, type ServerRecord } from "../../model.ts";
import { firewallsOf } from "../firewalls.ts";
import { findImage, images } from "../images.ts";
import { renderLocation } from "../locations.ts";
import { placementGroups } from "../placement-groups.ts";
import { INCLUDED_TRAFFIC, renderServerType, serverTypeOf } from "../server-types.ts";

/** A server as the API shows it: what other kinds know of it is looked up, nothing is kept twice. */
export function renderServer(lab: Lab, server: ServerRecord): object {
  const { id, image, placement_group } = server;
  const shownImage = image === null ? undefined : findImage(lab, image);
  const group = placement_group === null ? undefined : lab.store.get(PLACEMENT_GROUPS, placement_group);
  return {
    id,
    name: server.name,
    status: server.status,
    created: server.created,
    public_net: renderPublicNet(lab, server),
    private_net: attachmentsOf(lab, { type: "server", id }).map(({ network, ip, alias_ips, mac_address }) => ({
      network,
      ip,
      alias_ips,
      mac_address,
    })),
    server_type: renderServerType(lab, serverTypeOf(server.server_type)),
    location: renderLocation(server.location),
    image: shownImage ? images.render(lab, shownImage) : null,
    iso: null,
    rescue_enabled: server.rescue_enabled,
    locked: lab.isLocked("server", id),
    backup_window: server.backup_window,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: INCLUDED_TRAFFIC,
    protection: server.protection,
    labels: server.labels,
    volumes: lab.store.ids("volumes", "server", id),
    load_balancers: lab.store.ids("load_balancers", "server", id),
    primary_disk_size: server.primary_disk_size,
    placement_group: group ? placementGroups.render(lab, group) : null,
  };
}

function renderPublicNet(lab: Lab, server: ServerRecord): object {
  const ips = lab.store.by(PRIMARY_IPS, "server", server.id);
  const status = lab.isLocked("server", server.id) ? "pending" : "applied";
  return {
    ipv4: renderIpv4(ips.find((ip) => ip.type === "ipv4")),
    ipv6: renderIpv6(ips.find((ip) => ip.type === "ipv6")),
    floating_ips: lab.store.ids("floating_ips", "server", server.id),
    firewalls: firewallsOf(lab, server).map(({ id }) => ({ id, status })),
  };
}

function renderIpv4(ip: PrimaryIpRecord | undefined): object | null {
  if (!ip) return null;
  return { id: ip.id, ip: ip.ip, blocked: false, dns_ptr: ip.dns_ptr[0]?.dns_ptr ?? "" };
}

function renderIpv6(ip: PrimaryIpRecord | undefined): object | null {
  if (!ip) return null;
  return { id: ip.id, ip: ip.ip, blocked: false, dns_ptr: ip.dns_ptr };
}
