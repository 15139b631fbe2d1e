import { stringify } from "yaml";
import type { EgressNeed, Role } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import { dashboards } from "./dashboards/all.ts";
import { renderDashboard } from "./dashboards/dashboard.ts";

export const grafanaPasswordSecret = "grafana-admin-password";
const directory = "/etc/sovereign/grafana";
const passwordFile = `${directory}/admin-password`;
/** User of Grafana's own image. */
const uid = 472;

export interface GrafanaSpec {
  /** With registry and digest: `registry.example.eu/grafana@sha256:…`. */
  readonly image: string;
  /** Where Prometheus listens. */
  readonly prometheusAddress: string;
}

/** What is wrong with an image's name, or undefined. */
export function imageProblem(image: string): string | undefined {
  return /^[a-z0-9.-]+\.[a-z]+(:\d+)?\/[a-z0-9._/-]+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/.test(image)
    ? undefined
    : `${JSON.stringify(image)} is not an image with its registry and digest, such as registry.example.eu/grafana@sha256:<64 hex digits>`;
}

/** Grafana with the dashboards, on loopback only. It asks nobody outside for anything. */
export function grafanaRole(spec: GrafanaSpec): Role {
  const problem = imageProblem(spec.image);
  if (problem) throw new Error(`Grafana: ${problem}`);
  return {
    name: "grafana",
    packages: ["podman", "crun", "netavark", "uidmap"],
    files: [
      { path: "/etc/containers/systemd/grafana.container", content: renderGrafanaContainer(spec) },
      { path: passwordFile, content: secretToken(grafanaPasswordSecret), mode: "0600" },
      { path: `${directory}/provisioning/datasources/prometheus.yaml`, content: renderDatasource(spec) },
      { path: `${directory}/provisioning/dashboards/sovereign.yaml`, content: renderProvider() },
      ...dashboards.map((dashboard) => ({
        path: `${directory}/dashboards/${dashboard.uid}.json`,
        content: renderDashboard(dashboard),
      })),
    ],
    units: [{ name: "grafana.service" }],
    setup: [
      // The container's user reads it; nobody else on the machine has that number.
      `chown ${uid}:0 ${passwordFile}`,
      "systemctl daemon-reload",
    ],
    openings: [],
    scrape: [],
    egress: [egress(spec.image)],
  };
}

function egress(image: string): EgressNeed {
  const [host, port] = image.split("/")[0]!.split(":");
  return { host: host!, port: port === undefined ? 443 : Number(port), purpose: "image of Grafana" };
}

/** A quadlet: podman makes a systemd service of it. */
export function renderGrafanaContainer(spec: GrafanaSpec): string {
  const environment = {
    GF_SERVER_HTTP_ADDR: "127.0.0.1",
    GF_SERVER_HTTP_PORT: ports.grafana,
    GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/admin-password",
    GF_SECURITY_DISABLE_GRAVATAR: true,
    GF_ANALYTICS_REPORTING_ENABLED: false,
    GF_ANALYTICS_CHECK_FOR_UPDATES: false,
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: false,
    GF_NEWS_NEWS_FEED_ENABLED: false,
    GF_PLUGINS_PREINSTALL_DISABLED: true,
    GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: true,
    GF_SNAPSHOTS_EXTERNAL_ENABLED: false,
    GF_USERS_ALLOW_SIGN_UP: false,
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/var/lib/grafana/dashboards/overview.json",
  };
  return `[Unit]
Description=Grafana
After=network-online.target prometheus.service

[Container]
Image=${spec.image}
Network=host
User=${uid}
ReadOnly=true
NoNewPrivileges=true
DropCapability=all
Tmpfs=/tmp
Volume=grafana:/var/lib/grafana:U
Volume=${passwordFile}:/run/admin-password:ro
Volume=${directory}/provisioning:/etc/grafana/provisioning:ro
Volume=${directory}/dashboards:/var/lib/grafana/dashboards:ro
${Object.entries(environment)
  .map(([name, value]) => `Environment=${name}=${value}`)
  .join("\n")}

[Service]
Restart=always
TimeoutStartSec=300

[Install]
WantedBy=multi-user.target
`;
}

function renderDatasource(spec: GrafanaSpec): string {
  return stringify({
    apiVersion: 1,
    datasources: [
      {
        name: "Prometheus",
        type: "prometheus",
        url: `http://${spec.prometheusAddress}:${ports.prometheus}`,
        isDefault: true,
        jsonData: { timeInterval: "15s" },
      },
    ],
  });
}

function renderProvider(): string {
  return stringify({
    apiVersion: 1,
    providers: [{ name: "sovereign", type: "file", options: { path: "/var/lib/grafana/dashboards" } }],
  });
}
