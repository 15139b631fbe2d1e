import { Unseen } from "../../../graph/model.ts";
import type { Rule } from "../../core/types.ts";
import { valuesAt } from "../values.ts";

/** How types switch backups off or on. `off`: values that mean none, also where nothing is said if `unset` is "off". */
interface BackupForm {
  readonly type: string;
  readonly property: string;
  readonly off: readonly unknown[];
  readonly unset: "on" | "off";
}

const FORMS: readonly BackupForm[] = [
  { type: "aws:rds/instance:Instance", property: "backupRetentionPeriod", off: [0], unset: "off" },
  { type: "aws:rds/cluster:Cluster", property: "backupRetentionPeriod", off: [0], unset: "on" },
  { type: "aws:dynamodb/table:Table", property: "pointInTimeRecovery.enabled", off: [false], unset: "off" },
  {
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    property: "snapshotRetentionLimit",
    off: [0],
    unset: "off",
  },
  {
    type: "gcp:sql/databaseInstance:DatabaseInstance",
    property: "settings.backupConfiguration.enabled",
    off: [false],
    unset: "off",
  },
  { type: "scaleway:databases/instance:Instance", property: "disableBackup", off: [true], unset: "on" },
  { type: "scaleway:index/databaseInstance:DatabaseInstance", property: "disableBackup", off: [true], unset: "on" },
  { type: "azure:postgresql/flexibleServer:FlexibleServer", property: "backupRetentionDays", off: [0], unset: "on" },
  { type: "digitalocean:index/droplet:Droplet", property: "backups", off: [false], unset: "off" },
  { type: "linode:index/instance:Instance", property: "backupsEnabled", off: [false], unset: "off" },
];

const byType = new Map(FORMS.map((form) => [form.type, form]));

/** Databases of providers have backups. */
export const backups: Rule = {
  id: "operations/backups",
  title: "Backups are on",
  description: `Databases and machines whose provider makes backups have to have them on. What this rule cannot see is whether anybody has ever restored one. Databases that are run
on machines of one's own (as the components of this project do) bring their own backups; what there is to check of them is checked by their configuration.`,
  severity: "refuse",
  controls: ["c5-ops-06", "dora-12", "gdpr-32"],
  examples: {
    bad: `resources:
  orders:
    type: scaleway:databases/instance:Instance
    properties: {region: fr-par, nodeType: db-dev-s, engine: PostgreSQL-17, disableBackup: true}
    options: {protect: true}
`,
    good: `resources:
  orders:
    type: scaleway:databases/instance:Instance
    properties: {region: fr-par, nodeType: db-dev-s, engine: PostgreSQL-17, disableBackup: false}
    options: {protect: true}
`,
  },
  applies: ({ type }) => byType.has(type),
  *resource(resource) {
    const { property, off, unset } = byType.get(resource.type)!;
    const values = valuesAt(resource.inputs, property).map(({ value }) => value);
    const unseen = values.find((value) => value instanceof Unseen);
    if (unseen) {
      yield {
        resource,
        outcome: "not-established",
        property,
        message: `Whether ${resource.name} has backups (${property}) could not be seen.`,
        why: "Data without a backup are lost with their machine, or with one wrong statement.",
        fix: "Set it to a value that the program knows.",
      };
      return;
    }
    const isOff = values.length === 0 ? unset === "off" : values.some((value) => off.includes(value));
    if (!isOff) return;
    yield {
      resource,
      outcome: "violation",
      property,
      message: `${resource.name} has no backups (${property}${values.length === 0 ? " is not set" : ""}).`,
      why: "Data without a backup are lost with their machine, or with one wrong statement.",
      fix: `Turn them on (${property}), with a retention that your recovery point asks for; and restore one now and then.`,
    };
  },
};
