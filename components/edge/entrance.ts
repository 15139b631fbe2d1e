import { nginxMain } from "../app/nginx.ts";
import { type EntranceSpec, edgeHealthPath, edgePaths } from "./spec.ts";

/** What nginx's files of edge sites begin with. Nobody's visit is logged: addresses of visitors are personal data. */
export const edgeMain = nginxMain("stderr emerg");

/** Settings of all their servers. */
export const nginxCommon = `  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  default_type application/octet-stream;
  client_header_timeout 10s;
  client_body_timeout 10s;
  send_timeout 30s;
  keepalive_timeout 60s;
  large_client_header_buffers 4 8k;
  reset_timedout_connection on;
`;

const health = `    location = ${edgeHealthPath} {
      default_type text/plain;
      return 200 "ok\\n";
    }
`;

/** For names that are not this site's: whoever asks has the wrong machine. */
const strangers = `  server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;
    return 421;
  }
`;

/** nginx's servers of an edge site: `content` on HTTPS with plain HTTP led there, or on plain HTTP where there is no certificate. */
export function renderServers({ domain, hasCertificate }: EntranceSpec, content: string): string {
  if (!hasCertificate) {
    return `${strangers}
  server {
    listen 80;
    listen [::]:80;
    server_name ${domain};

${health}
${content}  }
`;
  }
  return `${strangers}
  server {
    listen 80;
    listen [::]:80;
    server_name ${domain};
${health}    location / { return 308 https://${domain}$request_uri; }
  }

  server {
    listen 443 ssl default_server;
    listen [::]:443 ssl default_server;
    server_name _;
    ssl_reject_handshake on;
  }

  server {
    listen 443 ssl;
    listen [::]:443 ssl;
    http2 on;
    server_name ${domain};
    ssl_certificate ${edgePaths.certificate};
    ssl_certificate_key ${edgePaths.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:5m;
    ssl_session_tickets off;

${health}
${content}  }
`;
}
