/** What of the API's bodies adoption reads; everything else in them is left alone. */
import { z } from "zod";

const id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
/** Names become parts of nothing but names: any text, but no novel. */
const name = z.string().max(1000);
const cidr = z.union([z.cidrv4(), z.cidrv6()]);
const address = z.union([z.ipv4(), z.ipv6()]);
const selector = z.string().min(1).max(5000);

const place = z.object({ name: z.string().regex(/^[a-z0-9-]{1,50}$/) });

const named = z.object({ id, name });
const reverse = z.object({ ip: address, dns_ptr: z.string().max(300).nullish() });

export const bodies = {
  server: named.extend({ location: place, private_net: z.array(z.object({ network: id })) }),
  volume: named.extend({ location: place, server: id.nullable() }),
  network: named.extend({
    subnets: z.array(z.object({ ip_range: cidr })),
    routes: z.array(z.object({ destination: cidr })),
  }),
  firewall: named.extend({ applied_to: z.array(z.object({ type: z.string().max(100) })) }),
  "load-balancer": named.extend({
    location: place,
    public_net: z.object({
      ipv4: z.object({ ip: address.nullish(), dns_ptr: z.string().max(300).nullish() }),
      ipv6: z.object({ ip: address.nullish(), dns_ptr: z.string().max(300).nullish() }),
    }),
    private_net: z.array(z.object({ network: id })),
    services: z.array(z.object({ listen_port: z.number().int().min(1).max(65_535) })),
    targets: z.array(
      z.object({
        type: z.string().max(100),
        server: z.object({ id }).nullish(),
        label_selector: z.object({ selector }).nullish(),
        ip: z.object({ ip: address }).nullish(),
      }),
    ),
  }),
  "primary-ip": named.extend({ location: place, dns_ptr: z.array(reverse) }),
  "floating-ip": named.extend({ home_location: place, server: id.nullable(), dns_ptr: z.array(reverse) }),
  certificate: named.extend({ type: z.string().max(100) }),
  "ssh-key": named,
  "placement-group": named,
  /** Images of a project have no name of their own, but a description. */
  snapshot: z.object({
    id,
    name: name.nullish(),
    description: name.nullish(),
    type: z.string().max(100),
    created_from: z.object({ id }).nullish(),
  }),
  zone: named.extend({
    // It becomes a part of the path and of the record sets' ids.
    name: z
      .string()
      .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i)
      .max(255),
    mode: z.string().max(100),
  }),
} as const;

export const rrset = z.object({
  name: z
    .string()
    .regex(/^[^/\s]+$/)
    .max(255),
  type: z.string().regex(/^[A-Z0-9]{1,20}$/),
});

export type Bodies = { readonly [K in keyof typeof bodies]: z.infer<(typeof bodies)[K]> };
export type Rrset = z.infer<typeof rrset>;
