/**
 * Services that a setting names without any host: the program that reads it knows where its vendor is. Only names that stand for one
 * vendor's service wherever they are written; `s3`, `aws` and `openai` are protocols too, which others speak.
 */

type Hosts = Readonly<Record<string, string>>;

/** What drivers of applications and of external-dns, Laravel, Symfony, Rails, nodemailer, oauth2-proxy are called. */
const DRIVERS: Hosts = {
  mailgun: "mailgun.net",
  sendgrid: "api.sendgrid.com",
  postmark: "api.postmarkapp.com",
  resend: "api.resend.com",
  mandrill: "mandrillapp.com",
  ses: "amazonaws.com",
  sqs: "amazonaws.com",
  dynamodb: "amazonaws.com",
  route53: "amazonaws.com",
  gmail: "smtp.gmail.com",
  google: "googleapis.com",
  pusher: "pusher.com",
  twilio: "api.twilio.com",
  cloudflare: "api.cloudflare.com",
  digitalocean: "api.digitalocean.com",
  linode: "api.linode.com",
};

/** Vector's and Fluent Bit's names of what they send to. */
const SINKS: Hosts = {
  datadog: "datadoghq.com",
  datadog_events: "datadoghq.com",
  datadog_logs: "datadoghq.com",
  datadog_metrics: "datadoghq.com",
  datadog_traces: "datadoghq.com",
  new_relic: "newrelic.com",
  nrlogs: "newrelic.com",
  newrelic: "newrelic.com",
  honeycomb: "api.honeycomb.io",
  logdna: "logdna.com",
  mezmo: "mezmo.com",
  axiom: "api.axiom.co",
  stackdriver: "logging.googleapis.com",
  gcp_stackdriver_logs: "logging.googleapis.com",
  gcp_stackdriver_metrics: "monitoring.googleapis.com",
  gcp_cloud_storage: "storage.googleapis.com",
  gcp_pubsub: "pubsub.googleapis.com",
  bigquery: "bigquery.googleapis.com",
  aws_cloudwatch_logs: "amazonaws.com",
  aws_cloudwatch_metrics: "amazonaws.com",
  aws_kinesis_firehose: "amazonaws.com",
  aws_kinesis_streams: "amazonaws.com",
  cloudwatch_logs: "amazonaws.com",
  kinesis_firehose: "amazonaws.com",
  kinesis_streams: "amazonaws.com",
  azure_blob: "blob.core.windows.net",
};

/** Types of rclone's remotes. They stand in its own file or in `RCLONE_CONFIG_<name>_TYPE`. */
const REMOTES: Hosts = {
  drive: "www.googleapis.com",
  "google cloud storage": "storage.googleapis.com",
  "google photos": "photoslibrary.googleapis.com",
  dropbox: "api.dropboxapi.com",
  onedrive: "graph.microsoft.com",
  azureblob: "blob.core.windows.net",
  b2: "backblazeb2.com",
  mega: "mega.nz",
};

/** Names below another name: stores of External Secrets, exporters of OpenTelemetry, solvers of cert-manager. */
const BELOW: Readonly<Record<string, Hosts>> = {
  provider: {
    aws: "amazonaws.com",
    gcpsm: "secretmanager.googleapis.com",
    azurekv: "vault.azure.net",
    doppler: "api.doppler.com",
    ibm: "cloud.ibm.com",
    oracle: "oraclecloud.com",
  },
  exporters: {
    datadog: "datadoghq.com",
    awsxray: "amazonaws.com",
    awsemf: "amazonaws.com",
    awscloudwatchlogs: "amazonaws.com",
    awskinesis: "amazonaws.com",
    googlecloud: "googleapis.com",
    googlecloudpubsub: "pubsub.googleapis.com",
    googlemanagedprometheus: "monitoring.googleapis.com",
  },
  dns01: {
    cloudflare: "api.cloudflare.com",
    route53: "amazonaws.com",
    clouddns: "dns.googleapis.com",
    azuredns: "management.azure.com",
    digitalocean: "api.digitalocean.com",
  },
};

/** Receivers of Alertmanager, in its own file and in the operator's resource. They take a `url` of one's own instead. */
const RECEIVERS: Hosts = {
  pagerdutyconfigs: "events.pagerduty.com",
  opsgenieconfigs: "api.opsgenie.com",
  victoropsconfigs: "alert.victorops.com",
  pushoverconfigs: "api.pushover.net",
  telegramconfigs: "api.telegram.org",
  slackconfigs: "hooks.slack.com",
  snsconfigs: "amazonaws.com",
};

/** Velero's providers, where no endpoint of one's own stands beside. */
const BACKUP_STORES: Hosts = { aws: "amazonaws.com", gcp: "storage.googleapis.com", azure: "blob.core.windows.net" };

const LONGEST = 24;
/** All values that stand for a host under some name or other. */
const SETTINGS: ReadonlySet<string> = new Set([DRIVERS, REMOTES, SINKS].flatMap((hosts) => Object.keys(hosts)));
const DRIVER_KEY = /(?:^|[._-]|[a-z](?=[A-Z]))(?:mailer|driver|transport|provider|service|backend|broadcaster)$/i;

/** `MAIL_MAILER=mailgun`, `provider: cloudflare`, `type: new_relic`: the host that the value stands for. */
export function impliedBySetting(key: string, value: string): string | undefined {
  if (value.length > LONGEST || value.length < 2) return undefined;
  const name = value.toLowerCase();
  if (!SETTINGS.has(name)) return undefined;
  if (Object.hasOwn(DRIVERS, name))
    return DRIVER_KEY.test(key) || key === "QUEUE_CONNECTION" ? DRIVERS[name] : undefined;
  if (Object.hasOwn(REMOTES, name)) return /^RCLONE_CONFIG_\w+_TYPE$/.test(key) ? REMOTES[name] : undefined;
  // "datadog" alone is as often the type of something that receives, or a name.
  return key === "type" && name.includes("_") && Object.hasOwn(SINKS, name) ? SINKS[name] : undefined;
}

/** What an object says by the name under which one of its values stands. */
export function impliedByName(
  parent: string,
  key: string,
  value: unknown,
  owner: Readonly<Record<string, unknown>>,
): string | undefined {
  if (typeof value === "string") {
    if (key === "provider" && typeof owner.objectStorage === "object")
      return hasOwnStore(owner.config) ? undefined : at(BACKUP_STORES, value.replace(/^velero\.io\//, ""));
    return key === "name" && typeof owner.match === "string" ? at(SINKS, value) : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    const receiver = /configs$/i.test(key) ? at(RECEIVERS, key.replaceAll("_", "")) : undefined;
    return receiver && value.some((item) => !hasOwnUrl(item)) ? receiver : undefined;
  }
  const names = Object.hasOwn(BELOW, parent) ? BELOW[parent]! : undefined;
  return names && at(names, key.replace(/\/.*$/, ""));
}

/** `Name datadog` of Fluent Bit, `@type cloudwatch_logs` of Fluentd, `type = drive` of rclone, `type = "new_relic"` of Vector. */
export function impliedByLine(line: string): string | undefined {
  if (line.length > 200) return undefined;
  const sink = /^\s*(?:Name|@type)\s+([a-z_]{2,24})\s*$/i.exec(line)?.[1];
  if (sink) return at(SINKS, sink);
  const [, key, quote, value] =
    /^\s*(?:export\s+)?([A-Za-z_][\w.-]{0,80})\s*=\s*(["']?)([\w ]{2,24}?)\2\s*$/.exec(line) ?? [];
  if (!key || !value) return undefined;
  // Where values stand without quotes and with blanks around the sign, it is rclone's file.
  if (key === "type" && !quote && / = /.test(line)) return at(REMOTES, value);
  return impliedBySetting(key, value);
}

/** `--provider=cloudflare`, as external-dns and oauth2-proxy have it. */
export function impliedByOption(option: string, value: string): string | undefined {
  if (!/(?:^|-)provider$/.test(option)) return undefined;
  return value === "aws" ? "amazonaws.com" : at(DRIVERS, value);
}

const at = (hosts: Hosts, name: string): string | undefined => {
  const lower = name.toLowerCase();
  return Object.hasOwn(hosts, lower) ? hosts[lower] : undefined;
};

const hasOwnUrl = (item: unknown): boolean =>
  typeof item === "object" && item !== null && ["url", "api_url", "apiURL"].some((key) => key in item);

const hasOwnStore = (config: unknown): boolean => typeof config === "object" && config !== null && "s3Url" in config;
