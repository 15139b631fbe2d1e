/** Alerts as Alertmanager posts them and as the lab records them. */
import { z } from "zod";
import { jsonOf } from "../../../session/json.ts";
import { readBoundedFile } from "../../../session/log.ts";

const labels = z.record(z.string(), z.string());

/** Version 4 of Alertmanager's webhook, as far as it is recorded. */
const notification = z.object({
  receiver: z.string().default(""),
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels,
      annotations: labels.default({}),
      startsAt: z.string(),
      endsAt: z.string().default(""),
      fingerprint: z.string().default(""),
    }),
  ),
});

const recordedAlert = notification.shape.alerts.element.extend({
  /** Milliseconds since 1970: when the notification arrived. */
  received: z.number(),
  /** Path that it was posted to. */
  path: z.string(),
  receiver: z.string(),
});

/** One alert of one notification. */
export type RecordedAlert = z.infer<typeof recordedAlert>;

/** The lines to record for a notification; undefined for what is none. */
export function alertLines(body: string, path: string, received: number): string | undefined {
  const parsed = notification.safeParse(jsonOf(body));
  if (!parsed.success) return undefined;
  const { receiver, alerts } = parsed.data;
  return alerts.map((alert) => `${JSON.stringify({ received, path, receiver, ...alert })}\n`).join("");
}

/** The alerts recorded in a file, oldest first; none while there is no file. Of very many the oldest are gone. A line that is being written is left out. */
export function readAlerts(file: string): RecordedAlert[] {
  return readBoundedFile(file)
    .split("\n")
    .flatMap((line) => {
      const parsed = recordedAlert.safeParse(jsonOf(line));
      return parsed.success ? [parsed.data] : [];
    });
}
