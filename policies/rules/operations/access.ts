import { Unseen } from "../../../graph/model.ts";
import type { Report, Rule } from "../../core/types.ts";
import { includes, isAnywhere, isFirewall, type Opening, openings } from "../ingress.ts";
import { valuesAt } from "../values.ts";

const SSH = [22, 3389, 5985, 5986];

/** The internet knocks at port 22 all day. */
export const ssh: Rule = {
  id: "operations/ssh",
  title: "Administration is open to named ranges only",
  description:
    "Inbound rules of firewalls: SSH (22), remote desktops (3389) and WinRM (5985, 5986) must not be open to the internet. A range shorter than /8 (IPv6: /16) counts as the internet.",
  severity: "refuse",
  controls: ["c5-cos-01", "c5-cos-05", "gdpr-32", "waf-sov-060"],
  examples: {
    bad: `resources:
  firewall:
    type: hcloud:Firewall
    properties:
      rules:
        - {direction: in, protocol: tcp, port: "22", sourceIps: [0.0.0.0/0, "::/0"]}
`,
    good: `resources:
  firewall:
    type: hcloud:Firewall
    properties:
      rules:
        - {direction: in, protocol: tcp, port: "22", sourceIps: [10.20.0.0/24]}
`,
  },
  applies: isFirewall,
  *resource(resource) {
    for (const opening of openings(resource)) {
      const port = SSH.find((number) => includes(opening, number));
      const source = opening.sources.find(isAnywhere);
      if (port === undefined || source === undefined) continue;
      yield {
        ...open(resource, opening, source),
        message: `${resource.name} lets the internet (${source}) in at port ${port}${portsInWords(opening)}.`,
        why: "One weak password or one flaw in the service, and a stranger is on the machine.",
        fix: "Name the ranges that administer, or use a tunnel.",
      };
    }
  },
};

/** Ports of databases and their kin, as their vendors publish them. */
const DATABASES = new Map([
  [1433, "SQL Server"],
  [1521, "Oracle"],
  [2379, "etcd"],
  [3306, "MySQL"],
  [5432, "Postgres"],
  [5672, "RabbitMQ"],
  [5984, "CouchDB"],
  [6379, "Redis"],
  [8123, "ClickHouse"],
  [9042, "Cassandra"],
  [9092, "Kafka"],
  [9200, "Elasticsearch"],
  [11_211, "memcached"],
  [26_379, "Sentinel"],
  [27_017, "MongoDB"],
]);

/** Properties by which a provider puts its database on the internet. */
const PUBLIC: readonly { readonly type: string; readonly property: string; readonly values: readonly unknown[] }[] = [
  { type: "aws:rds/", property: "publiclyAccessible", values: [true] },
  { type: "aws:redshift/", property: "publiclyAccessible", values: [true] },
  { type: "azure-native:dbforpostgresql:", property: "network.publicNetworkAccess", values: ["Enabled"] },
  { type: "azure-native:sql:", property: "publicNetworkAccess", values: ["Enabled"] },
  { type: "azure:postgresql/", property: "publicNetworkAccessEnabled", values: [true] },
  { type: "azure:mssql/", property: "publicNetworkAccessEnabled", values: [true] },
  { type: "gcp:sql/", property: "settings.ipConfiguration.authorizedNetworks.value", values: ["0.0.0.0/0", "::/0"] },
  { type: "hcloud:index/loadBalancerService:", property: "listenPort", values: [...DATABASES.keys()] },
];

/** Databases are for the application, not for the internet. */
export const publicDatabase: Rule = {
  id: "operations/public-database",
  title: "No database on the internet",
  description: `Ports of databases (${[...DATABASES].map(([port, name]) => `${name} ${port}`).join(", ")}) must not be open to the internet, neither by a firewall nor by a load balancer nor by a setting of the
provider's (\`publiclyAccessible\`, \`publicNetworkAccess\`). A rule that opens all ports to the internet opens them too.`,
  severity: "refuse",
  controls: ["c5-cos-01", "dora-9", "gdpr-32"],
  examples: {
    bad: `resources:
  firewall:
    type: hcloud:Firewall
    properties:
      rules:
        - {direction: in, protocol: tcp, port: "5432", sourceIps: [0.0.0.0/0]}
`,
    good: `resources:
  firewall:
    type: hcloud:Firewall
    properties:
      rules:
        - {direction: in, protocol: tcp, port: "443", sourceIps: [0.0.0.0/0]}
`,
  },
  applies: (resource) => isFirewall(resource) || PUBLIC.some(({ type }) => resource.type.startsWith(type)),
  *resource(resource) {
    for (const opening of openings(resource)) {
      const database = [...DATABASES].find(([port]) => includes(opening, port));
      const source = opening.sources.find(isAnywhere);
      if (database && source)
        yield {
          ...open(resource, opening, source),
          message: `${resource.name} lets the internet (${source}) in at ${database[1]}'s port ${database[0]}${portsInWords(opening)}.`,
          ...EXPOSED,
        };
    }
    for (const { type, property, values } of PUBLIC.filter((form) => resource.type.startsWith(form.type)))
      for (const { path, value } of valuesAt(resource.inputs, property))
        if (value instanceof Unseen || values.includes(value))
          yield {
            resource,
            outcome: value instanceof Unseen ? "not-established" : "violation",
            property: path,
            message:
              value instanceof Unseen
                ? `Whether ${resource.name} is on the internet (${path}) could not be seen.`
                : `${resource.name} is on the internet (${path}${type.startsWith("hcloud") ? ` ${String(value)}` : ""}).`,
            ...EXPOSED,
          };
  },
};

const EXPOSED = {
  why: "A database on the internet is one leaked password or one flaw away from everybody.",
  fix: "Keep it in the private network; let the application in, and people over a tunnel.",
};

function open(
  resource: Report["resource"],
  { path }: Opening,
  source: string,
): Pick<Report, "resource" | "outcome" | "property" | "subject"> {
  return { resource, outcome: "violation", ...(path && { property: path }), subject: { address: source } };
}

function portsInWords({ ports: { from, to } }: Opening): string {
  return from === to ? "" : ` (it opens ${from} to ${to})`;
}
