import { z } from "zod";
import { loadBalancerTypes } from "../../catalogue/hetzner/load-balancer-types.ts";
import { archiveDirectory, archiveSha256 } from "../../components/app/archive.ts";
import { postgres, redis } from "./databases.ts";
import { checkZone, dns } from "./dns.ts";
import { checkEdge, classes, edge, edgeSecretPaths } from "./edge.ts";
import {
  adminCidr,
  adminSshKeys,
  archiveUrl,
  count,
  domainName,
  environment,
  euCountry,
  image,
  networkCidr,
  pemCertificate,
  serverType,
  urlPath,
} from "./fields.ts";
import { monitoring } from "./monitoring.ts";
import { checkPlaces, topologyKeys } from "./topology.ts";

const admin = z
  .strictObject({
    cidrs: z
      .array(adminCidr)
      .min(1)
      .max(20)
      .describe("Ranges of the administrators, each with the EU member state it is used from"),
    sshKeys: adminSshKeys.describe(
      "Public keys put on new machines. Adding one replaces nothing: machines get it when they are next made",
    ),
  })
  .describe("Who administers the machines, and from where");

const workloadCommon = {
  classes,
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

const archive = z
  .strictObject({
    url: archiveUrl.describe("https, to a .tar.gz that can be read without credentials; its content becomes /opt/app"),
    sha256: z
      .string()
      .regex(archiveSha256, "is not a SHA-256 of 64 hexadecimal digits in lower case")
      .describe("Of the archive: checked before it is unpacked"),
    country: euCountry
      .optional()
      .describe(
        "EU member state that the store is in (ISO 3166-1 alpha-2), as for backups: listed with what servers reach",
      ),
  })
  .describe(
    "A release that every server fetches when it is made: user data has room for 32 KiB. A change replaces the servers",
  );

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
      archive: archive.optional(),
      files: z
        .array(
          z.strictObject({
            path: z
              .string()
              .max(200)
              .regex(/^\/opt(\/(?!\.{0,2}(\/|$))[\w.~-]+)+$/, "is not a plain path below /opt/")
              .describe("Where it goes on the machine, below /opt/"),
            source: z.string().min(1).max(500).describe("File in this repository, relative to its root"),
            executable: z.boolean().default(false),
          }),
        )
        .max(50)
        .default([])
        .describe("Small files; with an archive not below /opt/app/"),
      ...workloadCommon,
    }),
  ])
  .superRefine((value, context) => {
    if (value.kind !== "service" || !value.archive) return;
    for (const [index, { path }] of value.files.entries()) {
      if (!`${path}/`.startsWith(`${archiveDirectory}/`)) continue;
      const message = `is in ${archiveDirectory}, which is the archive's: put it into the archive, or elsewhere below /opt/`;
      context.addIssue({ code: "custom", path: ["files", index, "path"], message, input: path });
    }
  })
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
    serverType: serverType
      .default("cpx32")
      .describe("Changed in place, with a power-off of all at once; together with a release, new servers come first"),
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

const certificate = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z
        .literal("managed")
        .describe("Issued and renewed by the provider; the domain's DNS zone must be in the same project"),
    }),
    z.strictObject({
      kind: z.literal("uploaded"),
      certificate: pemCertificate
        .optional()
        .describe(
          "PEM: the certificate and its intermediates; or the environment variable ENTRANCE_CERTIFICATE, and ENTRANCE_CERTIFICATE_KEY with it",
        ),
      privateKey: z
        .string()
        .startsWith("-----BEGIN")
        .optional()
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

const pki = z
  .strictObject({
    generation: count(1, 1_000_000)
      .default(1)
      .describe(
        "Raise it to renew the authority and every certificate; machines get theirs with their next generation",
      ),
  })
  .prefault({})
  .describe("The stack's own certificate authority, for the private network");

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

/** Generations of single machines: their names stay the same when others are added, which places in a list do not. */
const generations = z
  .record(
    z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "is not the name of a machine such as production-postgres-fsn1-1"),
    count(1, 1_000_000),
  )
  .default({})
  .describe(
    "Generation of single machines with data, by name, in place of their part's: `npx sovereign rollout` raises them one after another",
  );

const egress = z
  .strictObject({
    mode: z
      .enum(["open", "register"])
      .default("open")
      .describe(
        "`register`: machines reach what their roles need and what the register approves, by name; all else is refused, counted and told. A change replaces app servers; stateful machines get it with their next generation",
      ),
    register: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        "File of approved services, relative to the repository; by default `approved-services.yaml` if there is one, the same that the policies read",
      ),
  })
  .prefault({})
  .describe("What machines may reach outside the private network: docs/components/egress.md");

/** The configuration of a stack: the one truth of which keys there are, what they take, and what they default to. */
export const stackSchema = z
  .strictObject({
    ...topologyKeys,
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
    edge,
    egress,
    pki,
    protection,
    generations,
  })
  .superRefine(checkZone)
  .superRefine(checkPlaces)
  .superRefine(checkEdge);

/** A stack's configuration after validation, with defaults filled in. */
export type StackConfig = z.output<typeof stackSchema>;

/** Paths whose values may stand in the config only encrypted. `*` is any index. */
export const secretPaths = [
  "app.workload.secretEnvironment.*",
  "app.workload.registryPassword",
  ...edgeSecretPaths,
  "loadBalancer.certificate.privateKey",
  "monitoring.receivers.*.password",
  "monitoring.receivers.*.token",
  "postgres.backup.accessKey",
  "postgres.backup.secretKey",
] as const;

/** Paths whose values are no secrets by rights, but often hold one all the same: messages do not repeat them. */
export const discreetPaths = [
  "app.workload.archive.url",
  "app.workload.environment.*",
  "monitoring.receivers.*.url",
] as const;
