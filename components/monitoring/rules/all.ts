import { appMetrics } from "../../app/metrics.ts";
import { dnsJob } from "../../gateway/role.ts";
import { egressJob } from "../../host/egress.ts";
import { appRules, scalingRules } from "./app.ts";
import { dnsRules } from "./dns.ts";
import { haproxyRules, probeRules } from "./edge.ts";
import { egressRules } from "./egress.ts";
import { hostRules } from "./hosts.ts";
import { monitoringRules } from "./monitoring.ts";
import { backupRules, etcdRules, patroniRules, pgbouncerRules, postgresRules } from "./postgres.ts";
import { redisRules, sentinelRules } from "./redis.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

/** Each topic with the job that it speaks of: without targets there are no rules. */
const topics: readonly { readonly job: string; readonly rules: (settings: RuleSettings) => RuleGroup }[] = [
  { job: "node", rules: hostRules },
  { job: egressJob, rules: egressRules },
  { job: appMetrics.jobs.nginx, rules: appRules },
  { job: appMetrics.jobs.haproxy, rules: scalingRules },
  { job: appMetrics.jobs.haproxy, rules: haproxyRules },
  { job: appMetrics.jobs.pgbouncer, rules: pgbouncerRules },
  { job: "patroni", rules: patroniRules },
  { job: "postgres", rules: postgresRules },
  { job: "pgbackrest", rules: backupRules },
  { job: "etcd", rules: etcdRules },
  { job: "redis", rules: redisRules },
  { job: "redis-sentinel", rules: sentinelRules },
  { job: "probe", rules: probeRules },
  { job: dnsJob, rules: dnsRules },
  { job: "prometheus", rules: monitoringRules },
];

/** Jobs that some rule speaks of; `app` by the rules of its own and by the scale triggers. */
export const ruledJobs: ReadonlySet<string> = new Set([...topics.map((topic) => topic.job), appMetrics.jobs.app]);

/** Every rule that a deployment needs. */
export function ruleGroups(settings: RuleSettings): RuleGroup[] {
  return topics.filter((topic) => settings.jobs.has(topic.job)).map((topic) => topic.rules(settings));
}

/** Settings under which every rule there is applies: for the reference and for tests. */
export const everything = (queueDepth: string): RuleSettings => ({
  jobs: ruledJobs,
  discoveredRoles: ["app"],
  minAppServers: 2,
  queueDepth,
  postgres: { members: 3, zeroLoss: true, backupMaxAgeHours: 26 },
  redis: { nodes: 3 },
  isWatched: true,
});
