import { stringify } from "yaml";

/**
 * `critical`: users notice, or data is at risk; somebody is woken. `warning`: to be dealt with today. `info`: to be
 * known. `none`: for machines only (the dead man's switch).
 */
export type Severity = "critical" | "warning" | "info" | "none";

export interface AlertRule {
  /** Unique; also the anchor of its section in docs/alerts.md. */
  readonly alert: string;
  /** PromQL: what it returns is alerted. */
  readonly expr: string;
  /** How long it has to be so. */
  readonly for?: string;
  readonly severity: Severity;
  /** One line, with the labels that tell where. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly action: string;
  /** A scale trigger: more app servers or larger pools help. */
  readonly scale?: "up";
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** What rules depend on: facts of the deployment, not taste. */
export interface RuleSettings {
  /** Jobs that have targets: rules about others would never fire, or always. */
  readonly jobs: ReadonlySet<string>;
  /** Roles whose machines come and go: one that vanishes is a warning. */
  readonly discoveredRoles: readonly string[];
  /** App servers that must be up. */
  readonly minAppServers: number;
  /** PromQL of the number of requests or tasks that wait. */
  readonly queueDepth: string;
  readonly postgres: {
    readonly members: number;
    /** Whether an acknowledged transaction must be on two machines. */
    readonly zeroLoss: boolean;
    /** Hours after which the newest backup is too old. */
    readonly backupMaxAgeHours: number;
  };
  readonly redis: { readonly nodes: number };
  /** Whether another host watches the monitoring host. */
  readonly isWatched: boolean;
}

/** The file that Prometheus reads. */
export function renderRules(groups: readonly RuleGroup[]): string {
  return stringify(
    { groups: groups.map((group) => ({ name: group.name, rules: group.rules.map(toPrometheus) })) },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function toPrometheus(rule: AlertRule) {
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    labels: { severity: rule.severity, ...(rule.scale === undefined ? {} : { scale: rule.scale }) },
    annotations: { summary: rule.summary, description: rule.action, runbook: runbook(rule.alert) },
  };
}

/** Place of an alert's section in the repository. */
export function runbook(alert: string): string {
  return `docs/alerts.md#${alert.toLowerCase()}`;
}

/**
 * Series of `up` by the machine's address, to be joined with others of the same machine: the successor of a server that was
 * replaced has its name.
 */
export const upByAddress = (selector: string): string =>
  `label_replace(up{${selector}}, "address", "$1", "instance", "([^:]*).*")`;

/** PromQL: targets that give no metrics although their machine does. */
export const silentExporter = (selector: string): string =>
  `${upByAddress(selector)} == 0 and on (address) ${upByAddress('job="node"')} == 1`;
