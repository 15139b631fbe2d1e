import { z } from "zod";
import { loadBalancerTypes } from "../../catalogue/hetzner/load-balancer-types.ts";
import {
  adminCidr,
  count,
  domainName,
  endpoint,
  environment,
  identifier,
  image,
  location,
  networkCidr,
  serverType,
  sshPublicKey,
  urlPath,
} from "./fields.ts";

const admin = z
  .strictObject({
    cidrs: z
      .array(adminCidr)
      .min(1)
      .max(20)
      .describe("Ranges of the administrators, each with the EU member state it is used from"),
    sshKeys: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[a-zA-Z0-9][\w.@-]{0,62}$/, "is not a name of letters, digits and . _ @ -"),
          publicKey: sshPublicKey,
        }),
      )
      .max(50)
      .default([])
      .describe(
        "Public keys put on new machines. Adding one replaces nothing: machines get it when they are next made",
      ),
  })
  .describe("Who administers the machines, and from where");

const workloadCommon = {
  port: count(1024, 65_535).default(8080).describe("Port that it listens on, on 127.0.0.1; it is told by PORT"),
  healthPath: urlPath.default("/").describe("Answers 2xx or 3xx when the workload can serve"),
  metricsPath: urlPath.optional().describe("The workload's own Prometheus metrics"),
  concurrency: count(1, 10_000)
    .default(100)
    .describe("Requests at work at once on one server; others wait, and are the queue depth"),
  migrations: z
    .boolean()
    .default(false)
    .describe("Also gives the login that owns the database schema, as DATABASE_OWNER_URL"),
  environment,
  secretEnvironment: environment.describe("Variables whose values are secrets: `pulumi config set --secret --path`"),
};

const workload = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("container"),
      image: image.describe("With its registry's host and pinned by digest"),
      command: z.array(z.string().max(1000)).max(50).optional().describe("Arguments in place of the image's own"),
      registryUser: z.string().min(1).max(200).optional().describe("User at a private registry"),
      registryPassword: z.string().min(1).max(500).optional().describe("A secret: `pulumi config set --secret --path`"),
      ...workloadCommon,
    }),
    z.strictObject({
      kind: z.literal("service"),
      packages: z
        .array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, "is not the name of a Debian package"))
        .max(100)
        .default([]),
      command: z
        .array(z.string().min(1).max(1000))
        .min(1)
        .max(50)
        .describe("Absolute path of the program, and its arguments"),
      files: z
        .array(
          z.strictObject({
            path: z.string().startsWith("/opt/").describe("Where it goes on the machine, below /opt/"),
            source: z.string().min(1).max(500).describe("File in this repository, relative to its root"),
            executable: z.boolean().default(false),
          }),
        )
        .max(50)
        .default([]),
      ...workloadCommon,
    }),
  ])
  .describe("What runs on the app servers");

const app = z
  .strictObject({
    servers: count(1, 40).default(2).describe("App servers now. Changed in place: servers are added or removed"),
    minServers: count(1, 40).optional().describe("Fewer healthy ones raise an alert; default: 2, or `servers` if less"),
    maxServers: count(1, 40)
      .optional()
      .describe("The most there will be: database pools are cut for as many; default: 4, or `servers` if more"),
    waitMinutes: z
      .number()
      .min(0)
      .max(60)
      .default(10)
      .describe(
        "How long `pulumi up` waits for new servers to pass the load balancer's health check before it deletes those that they replace; 0: not at all",
      ),
    serverType: serverType.default("cpx32").describe("Changed in place, with a power-off of one server after another"),
    workload,
  })
  .superRefine((value, context) => {
    if (value.minServers !== undefined && value.minServers > value.servers) {
      context.addIssue({
        code: "custom",
        path: ["minServers"],
        message: `is more than servers (${value.servers})`,
        input: value.minServers,
      });
    }
    if (value.maxServers !== undefined && value.maxServers < value.servers) {
      context.addIssue({
        code: "custom",
        path: ["maxServers"],
        message: `is less than servers (${value.servers})`,
        input: value.maxServers,
      });
    }
  })
  .describe("App servers: stateless, replaced freely");

const backup = z
  .strictObject({
    endpoint: endpoint.describe("Host of the S3-compatible store, in the EU"),
    region: z
      .string()
      .regex(/^[a-z0-9-]{2,40}$/)
      .describe("Region as the store names it"),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket name")
      .describe("Made by hand beforehand: the provider has no API for it"),
    fullBackups: count(1, 52)
      .default(4)
      .describe("Full backups kept, one a week, with all that is needed to go to any moment since the oldest"),
    accessKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A secret; or the environment variable BACKUP_ACCESS_KEY"),
    secretKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A secret; or the environment variable BACKUP_SECRET_KEY"),
    authority: z
      .string()
      .startsWith("-----BEGIN CERTIFICATE-----")
      .optional()
      .describe("PEM of the authority that signed the store's certificate, where no public one did"),
  })
  .describe("pgBackRest to object storage, encrypted before it leaves the machine");

const generation = count(1, 1_000_000)
  .default(1)
  .describe(
    "Raise it to replace the machines on purpose with today's user data, image and keys; needs `protection.except`",
  );

/** A list has one for each of at most so many nodes. */
const generations = (most: number) =>
  z
    .union([generation.unwrap(), z.array(generation.unwrap()).min(1).max(most)], {
      error: `is neither a whole number from 1 nor a list of up to ${most} of them`,
    })
    .default(1)
    .describe("As elsewhere, or a list with one for each node, to replace one after another");

/** A list of generations that is not as long as there are nodes is about other nodes than the ones that there are. */
function requireOneForEachNode(
  { nodes, generation }: { readonly nodes: number; readonly generation: number | readonly number[] },
  context: z.RefinementCtx,
): void {
  if (typeof generation === "number" || generation.length === nodes) return;
  const message = `is for another number of nodes than ${nodes}`;
  context.addIssue({ code: "custom", path: ["generation"], message, input: generation });
}

const postgres = z
  .strictObject({
    nodes: z
      .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])
      .default(3)
      .describe("Primary and replicas"),
    serverType: serverType
      .default("ccx13")
      .describe("Changed in place, with a power-off; memory settings follow at the next generation"),
    storageGb: count(10, 10_000).default(50).describe("Data volume of each node; grows in place, never shrinks"),
    durability: z
      .enum(["zero-loss", "low-latency"])
      .default("zero-loss")
      .describe(
        "zero-loss: a commit waits for a synchronous standby and writes stop when there is none. low-latency: it does not wait, and a failover may lose the last moments",
      ),
    database: identifier.default("app"),
    backup: z
      .union([backup, z.literal(false)], { error: "is neither a store for backups nor false" })
      .describe("Where backups go, or false: none, and data is lost with the machines"),
    witness: z
      .boolean()
      .optional()
      .describe(
        "A small machine as etcd's third member; default: only with two nodes. Keep it with true when two nodes become more",
      ),
    generation: generations(5),
  })
  .superRefine(requireOneForEachNode)
  .describe("Postgres 17 under Patroni, etcd for its quorum");

const redis = z
  .strictObject({
    nodes: z
      .union([z.literal(1), z.literal(3)])
      .default(3)
      .describe("3 with Sentinel, or 1 without failover"),
    serverType: serverType.default("cpx22"),
    engine: z.enum(["valkey", "redis"]).default("valkey"),
    generation: generations(3),
  })
  .superRefine(requireOneForEachNode)
  .prefault({})
  .describe("Sessions and cache, in separate instances");

const certificate = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z
        .literal("managed")
        .describe("Issued and renewed by the provider; the domain's DNS zone must be in the same project"),
    }),
    z.strictObject({
      kind: z.literal("uploaded"),
      certificate: z
        .string()
        .startsWith("-----BEGIN CERTIFICATE-----")
        .describe("PEM: the certificate and its intermediates"),
      privateKey: z
        .string()
        .startsWith("-----BEGIN")
        .describe("PEM; a secret: set it with `pulumi config set --secret --path`"),
    }),
    z.strictObject({ kind: z.literal("none").describe("Plain HTTP: for tests only") }),
  ])
  .default({ kind: "managed" });

const loadBalancer = z
  .strictObject({
    type: z.enum(loadBalancerTypes.map((t) => t.name) as [string, ...string[]]).default("lb11"),
    algorithm: z.enum(["round_robin", "least_connections"]).default("least_connections"),
    certificate,
  })
  .prefault({})
  .describe("Public entrance: HTTPS for `domain`, HTTP redirected to it");

const receiver = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("webhook"), url: z.url({ protocol: /^https?$/ }).max(500) }),
  z.strictObject({
    kind: z.literal("email"),
    to: z.email(),
    from: z.email(),
    smarthost: z.string().regex(/^[a-z0-9.-]+:\d{1,5}$/, "is not host:port"),
    username: z.string().max(200).optional(),
    password: z.string().max(200).optional().describe("A secret: set it with `pulumi config set --secret --path`"),
  }),
]);

const monitoring = z
  .strictObject({
    serverType: serverType.default("cpx22"),
    storageGb: count(10, 10_000).default(40).describe("Metrics and the journals of all machines"),
    retentionDays: count(1, 730).default(30),
    receivers: z.array(receiver).max(20).default([]).describe("Who is told of alerts"),
    grafanaImage: image
      .optional()
      .describe("A Grafana container image of your own registry; without it the dashboards are not installed"),
    generation,
  })
  .prefault({})
  .describe("Prometheus, Alertmanager and the journals of all machines");

const protection = z
  .strictObject({
    except: z
      .array(z.string())
      .max(200)
      .default([])
      .describe(
        'Stateful resources that may be replaced or deleted, by name, or ["*"] for all: before a destroy. Take it out again afterwards',
      ),
  })
  .prefault({})
  .describe("Everything that holds data is protected in the engine and at the provider");

const dns = z
  .strictObject({
    zone: domainName.describe("Zone of the provider's DNS, in the same project, that `domain` is in"),
    create: z
      .boolean()
      .default(false)
      .describe("Make the zone; its name servers are then an output, for the registrar"),
  })
  .optional()
  .describe(
    "Address records of `domain` in the provider's DNS. Without it they are yours to set; a managed certificate needs the zone in the project all the same",
  );

/** The configuration of a stack: the one truth of which keys there are, what they take, and what they default to. */
export const stackSchema = z
  .strictObject({
    topology: z.enum(["single-region"]).describe("Which topology is deployed"),
    location: location.default("fsn1").describe("Location of every machine. A change would replace everything"),
    domain: domainName.describe("Public name of the service"),
    dns,
    network: z
      .strictObject({
        cidr: networkCidr
          .default("10.0.0.0/16")
          .describe("Private IPv4 range, /20 or larger. A change would replace everything"),
      })
      .prefault({}),
    admin,
    app,
    postgres,
    redis,
    loadBalancer,
    monitoring,
    protection,
  })
  .superRefine(({ domain, dns }, context) => {
    if (dns && domain !== dns.zone && !domain.endsWith(`.${dns.zone}`)) {
      context.addIssue({
        code: "custom",
        path: ["dns", "zone"],
        message: `does not hold the domain ${domain}`,
        input: dns.zone,
      });
    }
  });

/** A stack's configuration after validation, with defaults filled in. */
export type StackConfig = z.output<typeof stackSchema>;

/** Paths whose values may stand in the config only encrypted. `*` is any index. */
export const secretPaths = [
  "app.workload.secretEnvironment.*",
  "app.workload.registryPassword",
  "loadBalancer.certificate.privateKey",
  "monitoring.receivers.*.password",
  "postgres.backup.accessKey",
  "postgres.backup.secretKey",
] as const;

/** Paths whose values are no secrets by rights, but often hold one all the same: messages do not repeat them. */
export const discreetPaths = ["app.workload.environment.*", "monitoring.receivers.*.url"] as const;
