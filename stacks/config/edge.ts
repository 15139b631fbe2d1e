/** Keys of a hybrid topology: what stands at the edge, and which data classes everything handles. */
import { z } from "zod";
import { dataClasses, flexibleClasses, isSovereignClass } from "../../catalogue/data-classes.ts";
import { locationNames } from "../../catalogue/hetzner/locations.ts";
import { keyMaterial } from "../../components/edge/problems.ts";
import {
  adminCidr,
  adminSshKeys,
  count,
  domainName,
  environment,
  pemCertificate,
  publicPath,
  serverType,
  urlPath,
} from "./fields.ts";

const each = <T extends string>(list: readonly T[]): boolean => new Set(list).size === list.length;

/** For everything that handles data; a hybrid topology demands it. */
export const classes = z
  .array(z.enum(dataClasses))
  .min(1)
  .max(dataClasses.length)
  .refine(each, "names one twice")
  .optional()
  .describe(
    "Data classes that it handles; topology `hybrid` demands them. personal, financial and business-critical stay in the EU; public, static and telemetry-free-tooling may leave it",
  );

/** A class that has to stay says so itself: "is no option" would not tell why. */
const flexible = z.enum(flexibleClasses, {
  error: ({ input }) =>
    typeof input === "string" && isSovereignClass(input)
      ? `has to stay in the EU: an edge site may handle ${flexibleClasses.join(", ")}`
      : `is none of ${flexibleClasses.join(", ")}`,
});

const siteCertificate = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("uploaded"),
      certificate: pemCertificate
        .optional()
        .describe(
          "PEM, with its intermediates: for the site's domain, and not for the core's: its key leaves the EU; or the environment variable EDGE_CERTIFICATE, and EDGE_CERTIFICATE_KEY with it",
        ),
      privateKey: z
        .string()
        .startsWith("-----BEGIN")
        .optional()
        .describe("PEM; a secret: set it with `pulumi config set --secret --path`"),
    }),
    z.strictObject({ kind: z.literal("none").describe("Plain HTTP: for tests only") }),
  ])
  .describe("The site's own certificate");

const siteKeys = {
  location: z
    .enum(locationNames as [string, ...string[]])
    .describe("May be outside the EU. A change replaces the site"),
  domain: domainName.describe("Public name of the site, not the core's; in the zone of `dns` it gets address records"),
  classes: z
    .array(flexible)
    .min(1)
    .refine(each, "names one twice")
    .describe("Data classes that it handles: only those that may leave the EU"),
  servers: count(1, 10).default(1),
  serverType: serverType
    .default("ccx13")
    .describe("Changed in place, with a power-off. Outside the EU there are other types, at other prices"),
  certificate: siteCertificate,
};

const path = z.strictObject({
  path: publicPath.describe("With a slash at the end everything below it, such as /assets/; else this path alone"),
  class: z
    .enum(["static", "public"])
    .describe(
      "static: never changes under its name, kept for a year. public: kept as long as the core's Cache-Control says",
    ),
});

const staticCache = z.strictObject({
  kind: z.literal("static-cache").describe("A cache for what the core serves to everybody"),
  ...siteKeys,
  paths: z.array(path).min(1).max(50).describe("All that is served here; everything else is led to the core"),
  cacheGb: count(1, 1000).default(20).describe("Disk for static copies"),
});

const devTools = z.strictObject({
  kind: z.literal("dev-tools").describe("A tool for the edge's administrators, reached from their ranges alone"),
  ...siteKeys,
  tool: z
    .strictObject({
      packages: z
        .array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, "is not the name of a Debian package"))
        .min(1)
        .max(50),
      command: z
        .array(z.string().min(1).max(1000))
        .min(1)
        .max(50)
        .describe("Absolute path of the program, and its arguments"),
      port: count(1024, 65_535).default(8080).describe("Port that it listens on, on 127.0.0.1; it is told by PORT"),
      healthPath: urlPath.default("/"),
      environment,
    })
    .describe(
      "Packages of Debian and how to start them. It reaches nothing outside: that is what telemetry-free means",
    ),
});

export const edge = z
  .strictObject({
    admin: z
      .strictObject({
        cidrs: z.array(adminCidr).min(1).max(20).describe("Ranges from which SSH is allowed at the edge"),
        sshKeys: adminSshKeys.describe("Keys of the edge alone: one that opens the core is refused"),
      })
      .describe("Who administers the edge, and from where"),
    sites: z
      .array(z.discriminatedUnion("kind", [staticCache, devTools]))
      .min(1)
      .max(20),
    originAuthority: pemCertificate
      .optional()
      .describe("PEM of the authority that signed the core's certificate, where no public one did"),
  })
  .optional()
  .describe("What stands outside the sovereign core: topology `hybrid` alone. docs/components/edge.md");

/** What this file's checks look at. */
interface Classified {
  readonly topology: string;
  readonly domain: string;
  readonly admin: { readonly sshKeys: readonly { readonly publicKey: string }[] };
  readonly edge?: z.output<typeof edge>;
  readonly app: { readonly workload: HasClasses };
  readonly postgres: HasClasses & { readonly backup: false | HasClasses };
  readonly redis: HasClasses;
  readonly monitoring: HasClasses & { readonly receivers: readonly HasClasses[] };
  readonly loadBalancer: { readonly certificate: { readonly kind: string; readonly privateKey?: string | undefined } };
}

interface HasClasses {
  readonly classes?: readonly string[] | undefined;
}

/** Everything that handles data, by its path. */
function handlers({ app, postgres, redis, monitoring }: Classified): [(string | number)[], HasClasses][] {
  return [
    [["app", "workload"], app.workload],
    [["postgres"], postgres],
    ...(postgres.backup ? [[["postgres", "backup"], postgres.backup] as [string[], HasClasses]] : []),
    [["redis"], redis],
    [["monitoring"], monitoring],
    ...monitoring.receivers.map((receiver, index): [(string | number)[], HasClasses] => [
      ["monitoring", "receivers", index],
      receiver,
    ]),
  ];
}

/** What is wrong with the edge and with data classes. For the whole configuration's `superRefine`. */
export function checkEdge(config: Classified, context: z.RefinementCtx): void {
  const problem = (path: (string | number)[], message: string, input?: unknown) =>
    context.addIssue({ code: "custom", path, message, input });
  const { topology, edge } = config;
  if (topology !== "hybrid") {
    if (edge) problem(["edge"], "is for topology hybrid alone: other topologies have nothing outside", edge);
    return;
  }
  if (!edge) problem(["edge"], "is missing: what makes a topology hybrid are its edge sites");
  for (const [path, { classes }] of handlers(config))
    if (!classes)
      problem([...path, "classes"], `is missing: hybrid has to know what it handles (${dataClasses.join(", ")})`);
  checkBackup(config, problem);
  if (edge) checkSites(config, edge, problem);
}

/** Backups hold what the database holds. */
function checkBackup(
  { postgres }: Classified,
  problem: (path: string[], message: string, input?: unknown) => void,
): void {
  if (!postgres.backup || !postgres.classes || !postgres.backup.classes) return;
  const { classes } = postgres.backup;
  const missing = postgres.classes.filter((name) => !classes.includes(name));
  if (missing.length)
    problem(["postgres", "backup", "classes"], `lacks ${missing.join(", ")}, which postgres.classes has`, classes);
}

function checkSites(
  { domain, admin, loadBalancer }: Classified,
  { sites, admin: { sshKeys } }: NonNullable<Classified["edge"]>,
  problem: (path: (string | number)[], message: string, input?: unknown) => void,
): void {
  const ofCore = admin.sshKeys.map(({ publicKey }) => keyMaterial(publicKey));
  for (const [index, { publicKey }] of sshKeys.entries())
    if (ofCore.includes(keyMaterial(publicKey)))
      problem(["edge", "admin", "sshKeys", index, "publicKey"], "opens the core too: the edge needs a key of its own");
  for (const [index, site] of sites.entries()) {
    const at = ["edge", "sites", index];
    if (sites.findIndex(({ kind, location }) => kind === site.kind && location === site.location) < index)
      problem(at, `is a second ${site.kind} in ${site.location}: raise the first one's servers`);
    if (site.domain === domain) problem([...at, "domain"], "is the core's own name", site.domain);
    const ofSite = site.certificate.kind === "uploaded" ? site.certificate.privateKey : undefined;
    if (ofSite !== undefined && ofSite === loadBalancer.certificate.privateKey)
      problem([...at, "certificate", "privateKey"], "is the core's own key: whoever took it could pass for the core");
    if (site.kind !== "static-cache") continue;
    for (const [position, { class: name }] of site.paths.entries())
      if (site.classes.length > 0 && !site.classes.includes(name))
        problem(
          [...at, "paths", position, "class"],
          `is none of the site's classes (${site.classes.join(", ")})`,
          name,
        );
  }
}

/** Secrets of the edge, as `secretPaths` names them. */
export const edgeSecretPaths = ["edge.sites.*.certificate.privateKey"] as const;
