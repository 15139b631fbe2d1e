import type { ReceiverArgs } from "../components/monitoring/monitoring.ts";
import type { StackConfig } from "./config/schema.ts";

/** Names a webhook where the configuration names nobody: for a lab, or for the jobs of a CI. */
const variable = "ALERT_WEBHOOK_URL";

/** Who is told of alerts. */
export function receiversOf({ monitoring }: Pick<StackConfig, "monitoring">): readonly ReceiverArgs[] {
  const url = process.env[variable];
  if (monitoring.receivers.length === 0 && url) return [{ kind: "webhook", url }];
  return monitoring.receivers.map(({ classes: _, ...receiver }) => receiver);
}
