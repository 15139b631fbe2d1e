/** Keys of the monitoring. */
import { z } from "zod";
import { classes } from "./edge.ts";
import { count, generation, image, serverType } from "./fields.ts";

const probe = /^https:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[\w./~-]*)?$/i;

const severities = z
  .array(z.enum(["critical", "warning", "info"]))
  .min(1)
  .max(3)
  .default(["critical", "warning"])
  .describe("Which alerts it gets");

const receiver = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("webhook"),
    classes,
    url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .refine((url) => !/^[^/]*\/\/[^/?#]*@/.test(url), "has a user or password in it: use token")
      .describe("Gets Alertmanager's JSON; no secret: that is what `token` is for"),
    token: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Bearer token. A secret: `pulumi config set --secret --path`"),
    heartbeat: z
      .boolean()
      .default(false)
      .describe("Gets the dead man's switch each minute and nothing else: for a service that calls when it stays away"),
    severities,
  }),
  z.strictObject({
    kind: z.literal("email"),
    classes,
    to: z.email(),
    from: z.email(),
    smarthost: z.string().regex(/^[a-z0-9.-]+:\d{1,5}$/, "is not host:port"),
    severities,
    username: z.string().max(200).optional(),
    password: z.string().max(200).optional().describe("A secret: set it with `pulumi config set --secret --path`"),
  }),
]);

export const monitoring = z
  .strictObject({
    classes,
    serverType: serverType.default("cpx22"),
    storageGb: count(10, 10_000).default(40).describe("Metrics and the journals of all machines"),
    retentionDays: count(1, 730).default(30),
    receivers: z
      .array(receiver)
      .max(20)
      .default([])
      .describe(
        "Who is told of alerts; with none, the webhook in the environment variable ALERT_WEBHOOK_URL. Webhooks with critical ones are also told by another host when the monitoring itself is down",
      ),
    probes: z
      .array(z.string().max(500).regex(probe, "is not an https URL of host, port and path"))
      .max(50)
      .default([])
      .describe("Public URLs asked every 15 s, with an alert when one fails or its certificate expires"),
    grafanaImage: image
      .optional()
      .describe("A Grafana container image of your own registry; without it the dashboards are not installed"),
    generation,
  })
  .prefault({})
  .describe("Prometheus, Alertmanager and the journals of all machines");
