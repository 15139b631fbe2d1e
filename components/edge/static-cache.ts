import { resolvers } from "../../catalogue/hetzner/resolvers.ts";
import { edgeMain, nginxCommon, renderServers } from "./entrance.ts";
import { cacheRoot, edgePaths, type StaticCacheSpec } from "./spec.ts";

/** What says in a response that it is for one visitor, or for no copy. `max-age=0` too: whoever writes it wants to be asked each time. */
const forNoCopy = "~*(^|[,\\s])(private|no-store|no-cache|(s-maxage|max-age)=[\\x22]?0+([^0-9]|$))";
/** Plain segments: what another program could read as another path than nginx does goes to the core as it is. */
const plainUri = "~^(/[A-Za-z0-9_~+,=@-][A-Za-z0-9_~+,=@.-]*)*/?(\\?[!-~]*)?$";

const yearSeconds = 31_536_000;

/** Of the core's answer nothing goes on that is for one visitor, or that asks browsers to report somewhere. */
const hidden = [
  "Set-Cookie",
  "Cache-Control",
  "Expires",
  "Pragma",
  "Vary",
  "Alt-Svc",
  "Strict-Transport-Security",
  "Access-Control-Allow-Origin",
  "Access-Control-Allow-Credentials",
  "Cross-Origin-Resource-Policy",
  "NEL",
  "Report-To",
  "Reporting-Endpoints",
  "X-Request-ID",
];
/** Headers with which a response would command nginx itself; the first would outweigh `private`. */
const commands = ["X-Accel-Expires", "X-Accel-Redirect", "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset"];

const indent = (lines: readonly string[], by: string): string => lines.map((line) => `${by}${line}`).join("\n");

/** Where the core is asked: by its public name, with nothing of the visitor's request but the path. */
function upstream({ origin }: StaticCacheSpec): string[] {
  const tls = [
    "proxy_ssl_verify on;",
    "proxy_ssl_verify_depth 4;",
    `proxy_ssl_trusted_certificate ${origin.authority === undefined ? "/etc/ssl/certs/ca-certificates.crt" : edgePaths.authority};`,
    `proxy_ssl_name ${origin.domain};`,
    "proxy_ssl_server_name on;",
    "proxy_ssl_protocols TLSv1.2 TLSv1.3;",
  ];
  return [
    `proxy_pass ${origin.tls ? "https" : "http"}://$core$request_uri;`,
    ...(origin.tls ? tls : []),
    "proxy_http_version 1.1;",
    "proxy_pass_request_headers off;",
    "proxy_pass_request_body off;",
    "proxy_set_header Host $core;",
    'proxy_set_header Connection "";',
    'proxy_set_header Content-Length "";',
    "proxy_set_header Accept-Encoding identity;",
    "proxy_set_header User-Agent sovereign-edge;",
    "proxy_connect_timeout 2s;",
    "proxy_send_timeout 10s;",
    "proxy_read_timeout 15s;",
    // Of the core's addresses one may not work from here.
    "proxy_next_upstream error timeout;",
    "proxy_next_upstream_tries 2;",
    "proxy_next_upstream_timeout 6s;",
    "proxy_redirect off;",
    "proxy_force_ranges on;",
    ...hidden.map((header) => `proxy_hide_header ${header};`),
  ];
}

/** Kept copies: which, how long, and what becomes of them when the core does not answer. */
function copies(kind: "static" | "public", spec: StaticCacheSpec): string[] {
  const own =
    kind === "static"
      ? [`proxy_ignore_headers Cache-Control Expires Vary ${commands.join(" ")};`, "proxy_cache_valid 200 1y;"]
      : [`proxy_ignore_headers Vary ${commands.join(" ")};`];
  return [
    `proxy_cache edge_${kind};`,
    "proxy_cache_key $request_uri;",
    ...own,
    "proxy_no_cache $sets_cookie $says_no_copy $says_no_copy_as_of_old $is_varied $is_no_success;",
    "proxy_cache_lock on;",
    "proxy_cache_lock_timeout 5s;",
    "proxy_cache_revalidate on;",
    "proxy_cache_background_update on;",
    "proxy_cache_use_stale error timeout invalid_header updating http_429 http_500 http_502 http_503 http_504;",
    `add_header Cache-Control $cache_control_${kind} always;`,
    "add_header X-Cache $upstream_cache_status always;",
    "add_header X-Content-Type-Options nosniff always;",
    'add_header Access-Control-Allow-Origin "*" always;',
    "add_header Cross-Origin-Resource-Policy cross-origin always;",
    ...(spec.hasCertificate ? [`add_header Strict-Transport-Security max-age=${yearSeconds} always;`] : []),
  ];
}

function renderLocations(spec: StaticCacheSpec): string {
  const toCore = `return 307 ${coreUrl(spec)}$request_uri;`;
  const locations = spec.paths.map(({ path, class: kind }) => {
    const match = path.endsWith("/") ? `^~ ${path}` : `= ${path}`;
    return `    location ${match} {\n${indent([...copies(kind, spec), ...upstream(spec)], "      ")}\n    }`;
  });
  // Else nginx leads from a folder's name to the folder by itself.
  const folders = spec.paths
    .map(({ path }) => path.slice(0, -1))
    .filter((path, index) => spec.paths[index]!.path.endsWith("/") && spec.paths.every((other) => other.path !== path))
    .map((path) => `    location = ${path} { ${toCore} }`);
  return `${[...locations, ...folders].join("\n\n")}

    # All else is the core's, and goes there without passing here.
    location / { ${toCore} }
`;
}

const coreUrl = ({ origin }: StaticCacheSpec): string => `${origin.tls ? "https" : "http"}://${origin.domain}`;

/**
 * `/etc/nginx/nginx.conf` of a cache for static content outside the core. Nobody's visit is logged: addresses of visitors are
 * personal data, which have to stay in the EU.
 */
export function renderStaticCache(spec: StaticCacheSpec): string {
  const addresses = (spec.resolvers ?? resolvers).map((address) => (address.includes(":") ? `[${address}]` : address));
  return `${edgeMain}
http {
${nginxCommon}  client_max_body_size 1k;

  gzip on;
  gzip_vary on;
  gzip_proxied any;
  gzip_min_length 1000;
  gzip_types text/plain text/css application/json application/javascript text/javascript image/svg+xml;

  resolver ${addresses.join(" ")} valid=10s;
  resolver_timeout 2s;

  proxy_cache_path ${cacheRoot}static levels=1:2 keys_zone=edge_static:32m max_size=${spec.cacheGb}g min_free=1g inactive=1y use_temp_path=off;
  proxy_cache_path ${cacheRoot}public levels=1:2 keys_zone=edge_public:16m max_size=1g min_free=1g inactive=1d use_temp_path=off;

  # What no copy may be kept of.
  map $upstream_http_set_cookie $sets_cookie { "" ""; default 1; }
  map $upstream_http_cache_control $says_no_copy { "${forNoCopy}" 1; default ""; }
  map $upstream_http_pragma $says_no_copy_as_of_old { "~*no-cache" 1; default ""; }
  map $upstream_http_vary $is_varied { "~*(cookie|authorization|\\*)" 1; default ""; }
  map $upstream_status $is_no_success { "" ""; "~(^|, )(200|304)$" ""; default 1; }
  map "$sets_cookie$says_no_copy$says_no_copy_as_of_old$is_varied" $is_for_no_copy { "" ""; default 1; }
  map "$is_for_no_copy:$status" $cache_control_static { "~^:(200|206|304)$" "public, max-age=${yearSeconds}, immutable"; default no-store; }
  map "$is_for_no_copy:$status" $cache_control_public { "~^:(200|206|304)$" $upstream_http_cache_control; default no-store; }

  # What is not asked here: whoever shows who they are, and addresses that not everybody reads alike.
  map $http_authorization $shows_credentials { "" ""; default 1; }
  map $request_uri $is_odd { "${plainUri}" ""; default 1; }
  map "$shows_credentials$is_odd" $is_for_the_core { "" ""; default 1; }
  map $request_method $is_reading { GET 1; HEAD 1; default ""; }

${renderServers(
  spec,
  `    set $core ${spec.origin.domain};

    if ($is_reading = "") { return 405; }
    if ($is_for_the_core) { return 307 ${coreUrl(spec)}$request_uri; }
    error_page 405 @not_reading;
    location @not_reading {
      add_header Allow "GET, HEAD" always;
      return 405 "Only GET and HEAD: everything else belongs to ${spec.origin.domain}\\n";
    }

${renderLocations(spec)}`,
)}}
`;
}
