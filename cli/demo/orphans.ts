/** Finds out whether a creation that was cut off had happened at the provider after all. */
import { z } from "zod";
import type { StateResource } from "./state.ts";

/** Asks the API for a path below /v1; undefined when there is no such thing. */
export type Ask = (path: string) => Promise<unknown>;

const NAMED: Readonly<Record<string, string>> = {
  Certificate: "certificates",
  Firewall: "firewalls",
  FloatingIp: "floating_ips",
  LoadBalancer: "load_balancers",
  ManagedCertificate: "certificates",
  Network: "networks",
  PlacementGroup: "placement_groups",
  PrimaryIp: "primary_ips",
  Server: "servers",
  SshKey: "ssh_keys",
  UploadedCertificate: "certificates",
  Volume: "volumes",
  Zone: "zones",
};

const found = z.record(z.string(), z.unknown());
const listed = z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string() }));

/**
 * The provider's id of a resource that the engine began to create; undefined when it was not created, or when creating
 * it again does no harm: the provider takes attachments to networks, targets and firewalls that exist for its own.
 */
export async function findCreated(resource: StateResource, ask: Ask): Promise<string | undefined> {
  const type = resource.type.slice(resource.type.lastIndexOf(":") + 1);
  if (!resource.type.startsWith("hcloud:")) return undefined;
  const inputs = resource.inputs ?? {};
  const path = NAMED[type];
  if (path) return findNamed(path, String(inputs.name), ask);
  return RELATIONS[type]?.(inputs, ask);
}

async function findNamed(path: string, name: string, ask: Ask): Promise<string | undefined> {
  const answer = found.safeParse(await ask(`/${path}?name=${encodeURIComponent(name)}`)).data;
  const match = listed.safeParse(answer?.[path]).data?.find((item) => item.name === name);
  return match && String(match.id);
}

type Inputs = Readonly<Record<string, unknown>>;

const RELATIONS: Readonly<Record<string, (inputs: Inputs, ask: Ask) => Promise<string | undefined>>> = {
  async NetworkSubnet({ networkId, ipRange }, ask) {
    const schema = z.object({ network: z.object({ subnets: z.array(z.object({ ip_range: z.string() })) }) });
    const subnets = schema.safeParse(await ask(`/networks/${networkId}`)).data?.network.subnets ?? [];
    return subnets.some((subnet) => subnet.ip_range === ipRange) ? `${networkId}-${ipRange}` : undefined;
  },
  async VolumeAttachment({ volumeId, serverId }, ask) {
    const schema = z.object({ volume: z.object({ server: z.number() }) });
    const server = schema.safeParse(await ask(`/volumes/${volumeId}`)).data?.volume.server;
    return server !== undefined && server === Number(serverId) ? String(volumeId) : undefined;
  },
  async LoadBalancerService({ loadBalancerId, protocol, listenPort }, ask) {
    const schema = z.object({ load_balancer: z.object({ services: z.array(z.object({ listen_port: z.number() })) }) });
    const services =
      schema.safeParse(await ask(`/load_balancers/${loadBalancerId}`)).data?.load_balancer.services ?? [];
    const port = Number(listenPort ?? (protocol === "https" ? 443 : 80));
    return services.some((service) => service.listen_port === port) ? `${loadBalancerId}__${port}` : undefined;
  },
};
