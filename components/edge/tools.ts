import { ports } from "../ports.ts";
import { edgeMain, nginxCommon, renderServers } from "./entrance.ts";
import type { ToolsSpec } from "./spec.ts";

/** `/etc/nginx/nginx.conf` of a tool: TLS, and the workload behind it on loopback. */
export function renderTools(spec: ToolsSpec): string {
  return `${edgeMain}
http {
${nginxCommon}  client_max_body_size 100m;

  map $http_upgrade $connection_header { "" ""; default upgrade; }

${renderServers(
  spec,
  `    location / {
      proxy_pass http://127.0.0.1:${spec.workload.port ?? ports.workload};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_header;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_connect_timeout 2s;
      proxy_read_timeout 60s;
    }
`,
)}}
`;
}
