import { ports } from "../ports.ts";
import { workloadHealthUri } from "./haproxy.ts";

/** What nginx on an app server needs to know. */
/** Asked by name servers: 200 while visitors should come to this location, as far as its data are reached. */
export const locationReadyPath = "/readyz/location";

export interface NginxSpec {
  /** Ranges of the load balancer: the only ones whose word on the client's address is taken. */
  readonly loadBalancerRanges: readonly string[];
  /** Largest request body, MB. */
  readonly maxBodyMb: number;
  /** Longest time until the workload begins to answer, s. */
  readonly requestTimeoutSeconds: number;
  /** Files that nginx serves itself. */
  readonly staticFiles?: { readonly urlPrefix: string; readonly directory: string } | undefined;
  /** Path of the workload's own metrics: they are for monitoring, which has a port of its own. */
  readonly metricsPath?: string | undefined;
}

/** Datagram socket of sovereign-appd, which makes the latency histogram. */
export const requestLogSocket = "/run/sovereign-appd/requests.sock";
/** Exists while this server is being taken out of the load balancer. */
export const drainingMarker = "/run/sovereign-draining";

/** Added where the workload has not said something of its own. */
const securityHeaders: readonly (readonly [header: string, value: string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "SAMEORIGIN"],
  ["Referrer-Policy", "strict-origin-when-cross-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
];

const headerVariable = (header: string): string => header.toLowerCase().replaceAll("-", "_");

function renderSecurityHeaders(): { maps: string; headers: string } {
  const maps = securityHeaders.map(([header, value]) => {
    const name = headerVariable(header);
    return `  map $upstream_http_${name} $add_${name} { "" "${value}"; default ""; }`;
  });
  const headers = securityHeaders.map(([header]) => `    add_header ${header} $add_${headerVariable(header)} always;`);
  return {
    maps: [
      ...maps,
      `  map "$forwarded_proto:$upstream_http_strict_transport_security" $add_hsts { "https:" "max-age=31536000"; default ""; }`,
    ].join("\n"),
    headers: [...headers, "    add_header Strict-Transport-Security $add_hsts always;"].join("\n"),
  };
}

function renderStatic(spec: NginxSpec): string {
  if (!spec.staticFiles) return "";
  const { urlPrefix, directory } = spec.staticFiles;
  return `
    location ^~ ${urlPrefix}/ {
      alias ${directory}/;
      expires 1h;
    }
`;
}

/** In every spelling that a workload may take for the path: upper case, a slash or parameters at the end. */
function renderHidden({ metricsPath }: NginxSpec): string {
  if (metricsPath === undefined) return "";
  const path = metricsPath.replace(/\/$/, "").replaceAll(".", "\\.");
  return `
    # Monitoring asks another port.
    location ~* "^${path}/?(;|$)" { return 404; }
`;
}

/** What nginx's files begin with. */
export const nginxMain = (errorLog: string): string => `user www-data;
worker_processes auto;
worker_rlimit_nofile 20000;
worker_shutdown_timeout 30s;
pid /run/nginx.pid;
error_log ${errorLog};

events {
  worker_connections 8192;
}
`;

/**
 * `/etc/nginx/nginx.conf` of an app server. Query strings are not logged: they hold tokens and personal data. The access
 * log goes to the journal, which monitoring collects.
 */
export function renderNginx(spec: NginxSpec): string {
  const security = renderSecurityHeaders();
  return `${nginxMain("syslog:server=unix:/dev/log,nohostname,tag=nginx warn")}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  tcp_nopush on;

${spec.loadBalancerRanges.map((range) => `  set_real_ip_from ${range};`).join("\n")}
  real_ip_header X-Forwarded-For;

  map $http_x_request_id $correlation_id { "~^[A-Za-z0-9._-]{8,128}$" $http_x_request_id; default $request_id; }
  map $http_x_forwarded_proto $forwarded_proto { https https; default http; }
  map $http_upgrade $connection_header { "" ""; default upgrade; }
${security.maps}

  log_format access escape=json '{"time":"$time_iso8601","request_id":"$correlation_id","client":"$remote_addr","method":"$request_method","host":"$host","path":"$uri","protocol":"$server_protocol","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"workload_seconds":"$upstream_response_time","user_agent":"$http_user_agent"}';
  log_format duration '$status $request_time';
  access_log syslog:server=unix:/dev/log,nohostname,tag=nginx,severity=info access;
  access_log syslog:server=unix:${requestLogSocket},nohostname,tag=r duration;

  client_max_body_size ${spec.maxBodyMb}m;
  client_header_timeout 10s;
  client_body_timeout 30s;
  send_timeout 30s;
  # Longer than the load balancer keeps its connections, so that it never reuses one that is being closed.
  keepalive_timeout 120s;
  keepalive_requests 10000;
  large_client_header_buffers 4 16k;
  reset_timedout_connection on;

  gzip on;
  gzip_proxied any;
  gzip_min_length 1000;
  gzip_types text/plain text/css application/json application/javascript text/javascript image/svg+xml;

  upstream workload {
    server 127.0.0.1:${ports.workloadQueue};
    keepalive 64;
  }

  server {
    listen ${ports.appHttp} default_server backlog=4096;
    server_name _;

    add_header X-Request-ID $correlation_id always;
${security.headers}

    location = /healthz {
      access_log off;
      if (-f ${drainingMarker}) { return 503 "draining\\n"; }
      proxy_pass http://127.0.0.1:${ports.workloadQueue}${workloadHealthUri};
      proxy_connect_timeout 1s;
      proxy_read_timeout 2s;
    }

    # The deep probe tells about the inside: the machine itself may ask here, monitoring asks sovereign-appd.
    location = /readyz {
      access_log off;
      allow 127.0.0.1;
      deny all;
      proxy_pass http://127.0.0.1:${ports.appDaemon}/readyz;
    }

    # For name servers: whether what stands behind this entrance reaches its data. Says yes or no, to everybody.
    location = ${locationReadyPath} {
      access_log off;
      proxy_pass http://127.0.0.1:${ports.appDaemon}/location;
      proxy_connect_timeout 1s;
      proxy_read_timeout 3s;
    }
${renderHidden(spec)}${renderStatic(spec)}
    location / {
      proxy_pass http://workload;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_header;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $forwarded_proto;
      proxy_set_header X-Request-ID $correlation_id;
      proxy_hide_header X-Request-ID;
      proxy_connect_timeout 2s;
      proxy_send_timeout 30s;
      # HAProxy's own limits end a request first and say why.
      proxy_read_timeout ${spec.requestTimeoutSeconds + 15}s;
      proxy_next_upstream off;
    }
  }

  server {
    listen 127.0.0.1:${ports.nginxStatus};
    access_log off;
    location = /stub_status { stub_status; }
    location / { return 404; }
  }
}
`;
}
