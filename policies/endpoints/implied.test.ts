import { describe, expect, it } from "vitest";
import type { Properties } from "../../graph/model.ts";
import { extract } from "./index.ts";

const TYPE = "kubernetes:core/v1:ConfigMap";
const hosts = (properties: Properties) => [...new Set(extract(properties, TYPE).endpoints.map(({ host }) => host))];
const file = (text: string) => hosts({ data: { file: text } });

describe("services that a setting names without a host", () => {
  it.each([
    ["[OUTPUT]\n    Name   datadog\n    Match  *\n", "datadoghq.com"],
    ["<match **>\n  @type cloudwatch_logs\n</match>\n", "amazonaws.com"],
    ['[sinks.x]\ntype = "new_relic"\ninputs = ["j"]\n', "newrelic.com"],
    ["sinks:\n  x: {type: gcp_pubsub, inputs: [j]}\n", "pubsub.googleapis.com"],
    ["pipeline:\n  outputs:\n    - {name: nrlogs, match: '*'}\n", "newrelic.com"],
    ["[offsite]\ntype = drive\nscope = drive.file\n", "www.googleapis.com"],
    ["exporters:\n  datadog/eu:\n    api: {key: x}\n", "datadoghq.com"],
    ["receivers:\n  - name: n\n    pagerduty_configs:\n      - routing_key: x\n", "events.pagerduty.com"],
    ["solvers:\n  - dns01:\n      route53: {region: eu-central-1}\n", "amazonaws.com"],
    ["MAIL_MAILER=mailgun\nOTHER=1\n", "mailgun.net"],
  ])("%j leads to %s", (text, host) => {
    expect(file(text)).toContain(host);
  });

  it("finds them in variables, arguments, schemes and backup locations", () => {
    const env = (name: string, value: string) => hosts({ spec: { containers: [{ env: [{ name, value }] }] } });
    expect(env("MAIL_MAILER", "mailgun")).toEqual(["mailgun.net"]);
    expect(env("RCLONE_CONFIG_OFFSITE_TYPE", "b2")).toEqual(["backblazeb2.com"]);
    expect(env("WAREHOUSE", "snowflake://u@xy1.eu-central-1/db")).toEqual(["snowflakecomputing.com"]);
    expect(hosts({ args: ["--source=ingress", "--provider=cloudflare"] })).toEqual(["api.cloudflare.com"]);
    expect(hosts({ spec: { provider: "aws", objectStorage: { bucket: "b" } } })).toEqual(["amazonaws.com"]);
  });

  it.each([
    "spec:\n  provider: aws\n  objectStorage: {bucket: b}\n  config: {s3Url: http://minio.velero.svc:9000}\n",
    "receivers:\n  - name: n\n    pagerduty_configs:\n      - {routing_key: x, url: http://relay.alerts.svc/v2}\n",
    "receivers:\n  - name: n\n    slack_configs: []\n",
    "[INPUT]\n    Name   tail\n    Path   /var/log/*.log\n",
    "sources:\n  x: {type: datadog_agent}\n",
    "labels: {service: google}\ntags: {provider: cloudflare}\n",
    "MAIL_MAILER=smtp\nCACHE_DRIVER=redis\nCLOUD_TYPE=drive\n",
    'type = "drive"\nname = google\n',
    "exporters:\n  otlp: {tls: {insecure: true}}\n",
  ])("%j leads nowhere", (text) => {
    expect(file(text)).not.toEqual(expect.arrayContaining([expect.stringMatching(/\.(?:com|net|nz|org)$/)]));
  });

  it("a user agent's link to its maker is no endpoint, a URL after another plus is", () => {
    expect(file('map $a $b {\n  "Mozilla/5.0 (compatible; bot/2.0; +http://www.bing.com/bot.htm)" 1;\n}\n')).toEqual(
      [],
    );
    expect(file('url = base +"http://www.bing.com/x"\nother\n')).toEqual(["www.bing.com"]);
  });
});
