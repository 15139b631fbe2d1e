import { bareHost, GAP, looksLikeFile } from "./hosts.ts";
import { imageRegistry } from "./images.ts";
import { impliedByOption } from "./implied.ts";
import { tokenLead, valueLeads } from "./tokens.ts";
import type { Lead } from "./urls.ts";

type Form = Lead["form"];

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Before the command that counts. */
const PREFIXES = words(
  "sudo doas env exec time nohup nice ionice timeout xargs then do else if while until ! command builtin retry chroot stdbuf setsid eatmydata RUN run - -",
);

/** Their arguments can be `host/path` without a scheme. */
const FETCHERS = words(
  "curl wget aria2c axel httpie xh lynx w3m links iwr irm invoke-webrequest invoke-restmethod ab wrk hey k6 grpcurl wscat websocat",
);

/** Their arguments can be bare hosts. */
const CONNECTORS = words(
  "ping ping6 fping nc ncat netcat telnet ssh autossh scp sftp rsync dig drill nslookup kdig traceroute tracepath mtr whois nmap socat ftp lftp " +
    "psql pg_dump pg_restore pg_basebackup pg_isready mysql mysqldump mysqladmin mariadb mariadb-dump redis-cli mongo mongosh mongodump mongorestore " +
    "ldapsearch mosquitto_pub mosquitto_sub kcat kafkacat smbclient swaks mount mount.nfs mount.nfs4 mount.cifs iperf iperf3 restic borg rclone " +
    "openssl gpg apt-key ssh-keyscan wait-for-it wait-for-it.sh ntpdate sntp chronyd ntpd rdate logger resolvectl nmcli ssh-copy-id go syslog-ng " +
    "openvpn tailscale bridge-utils dockerize",
);

/** Only as the first word of a line: elsewhere they are ordinary words. */
const FIRST_ONLY = words("host go mount ping ftp links whois http https fetch logger mongo k6 hey ab lynx");

const CONTAINERS = words("docker podman nerdctl crictl ctr buildah skopeo crane oras docker-compose img finch");

/** First words of configuration lines that are followed by hosts. */
const DIRECTIVES: Readonly<Record<string, Form>> = {
  nameserver: "resolver",
  nameservers: "resolver",
  "forward-addr:": "resolver",
  forward: "resolver",
  resolver: "resolver",
  server: "setting",
  peer: "setting",
  pool: "ntp",
  refclock: "ntp",
  remote: "setting",
  relayhost: "setting",
  proxy_pass: "setting",
  fastcgi_pass: "setting",
  uwsgi_pass: "setting",
  grpc_pass: "setting",
  reverse_proxy: "setting",
  upstream: "setting",
  hostname: "setting",
  proxyjump: "setting",
  proxypass: "setting",
  smarthost: "setting",
  endpoint: "setting",
  host: "setting",
  url: "setting",
  uri: "setting",
  bind_address: "setting",
  keyserver: "package-source",
  "dns-nameservers": "resolver",
  "*.*": "setting",
  replicaof: "setting",
  slaveof: "setting",
  acme_ca: "setting",
  brpeer: "setting",
};

/** Commands that reach their maker's service, whatever their arguments are. */
const IMPLIED: Readonly<Record<string, string>> = {
  aws: "amazonaws.com",
  gcloud: "googleapis.com",
  gsutil: "storage.googleapis.com",
  az: "management.azure.com",
  azcopy: "blob.core.windows.net",
  cloudflared: "argotunnel.com",
  ngrok: "ngrok.com",
  doctl: "api.digitalocean.com",
  flyctl: "fly.io",
  heroku: "heroku.com",
  vercel: "vercel.com",
  netlify: "netlify.com",
  gh: "github.com",
};

/** Options whose next word is never a host. */
const OPAQUE_OPTIONS = words(
  "-o --output -O -d --data --data-raw --data-binary -H --header -X --request -u --user -A --user-agent -b --cookie -F --form -w --write-out -i --cacert --cert --key -T --retry --max-time -m -f --file --subj -subj --name --hostname -out -in -keyout --output-document -P --directory-prefix -S -N -passin -config -addext --cert-name -C -c --config -t --tag --set -domain --domain",
);

/** The same for programs that take bare hosts: their short options mean too many things. */
const FILE_OPTIONS = words("-i -o -O -out -in -keyout -subj -addext -config -CAfile -cert -key -F -E --file --output");

/** What a command's or a configuration line's words lead to, beyond the URLs in them. */
export function* commandLeads(all: readonly string[]): Generator<Lead> {
  const start = commandStart(all);
  const first = (all[start] ?? "").toLowerCase();
  const directive = DIRECTIVES[first.replace(/^\$/, "")];
  if (directive && !(start > 0 && all[start - 1] === "-"))
    yield* directiveLeads(first, all.slice(start + 1), directive);
  if (/^(?:from)$/i.test(first) && all[start] === all[start]!.toUpperCase()) yield* images(all.slice(start + 1), 1);
  if (first === "add-apt-repository" || first === "apt-add-repository") yield* personalArchives(all);
  if (first === "snap" && /^(?:install|refresh)$/.test(all[start + 1] ?? ""))
    yield named("api.snapcraft.io", "package-source");
  if (
    first === "tailscale" &&
    /^(?:up|login)$/.test(all[start + 1] ?? "") &&
    !all.some((w) => w.startsWith("--login-server"))
  )
    yield named("controlplane.tailscale.com", "command");
  for (let i = start; i < all.length; i++) {
    const word = all[i]!;
    const name = word.slice(word.lastIndexOf("/") + 1).toLowerCase();
    if (i > start && (FIRST_ONLY.has(name) || word.startsWith("-"))) continue;
    if (i === start && IMPLIED[name] && all.length > start + 1) yield* implied(name, all.slice(i + 1));
    if (FETCHERS.has(name)) yield* argumentLeads(all.slice(i + 1), false);
    else if (CONNECTORS.has(name) || (i === start && name === "host"))
      yield* argumentLeads(all.slice(i + 1), true, name);
    else if (CONTAINERS.has(name)) yield* containerLeads(all.slice(i + 1));
    else continue;
    break;
  }
  if (first === "sed" || first === "perl") yield* all.slice(start + 1).flatMap(replacement);
  for (let i = 0; i < all.length; i++) {
    const device = /^\/dev\/(?:tcp|udp)\/([^/]{3,253})\/(\d{1,5})/.exec(all[i]!);
    const host = device && bareHost(device[1]!);
    if (host) yield { ...host, form: "command", port: Number(device[2]) };
    yield* optionLeads(all[i]!, all[i + 1]);
  }
}

/** What `s#old#new#` puts in the place of another. */
function replacement(expression: string): Lead[] {
  const mark = /^s([^\w\s])/.exec(expression)?.[1];
  if (!mark || expression.length > 2000) return [];
  const parts = expression.replaceAll(`\\${mark}`, mark === "/" ? "\0" : mark).split(mark);
  const text = (parts[2] ?? "").replaceAll("\0", "/").replace(/\\(.)/g, "$1");
  return [...valueLeads(text, "host", true)];
}

const named = (host: string, form: Form): Lead => ({ host, kind: "name", form });

function commandStart(all: readonly string[]): number {
  let i = 0;
  while (
    i < all.length &&
    (PREFIXES.has(all[i]!) || /^[A-Za-z_]\w*=/.test(all[i]!) || (i > 0 && /^\d+[smh]?$/.test(all[i]!)))
  )
    i++;
  return Math.min(i, Math.max(0, all.length - 1));
}

function* directiveLeads(directive: string, rest: readonly string[], form: Form): Generator<Lead> {
  const timed = directive === "pool" || rest.some((word) => /^(?:iburst|prefer|minpoll|maxpoll|burst|nts)$/.test(word));
  for (const word of rest.slice(0, 64)) {
    if (word.startsWith("#")) return;
    const lead = tokenLead(word.replace(/^@+/, "").replace(/[;{}]+$/, ""), timed ? "ntp" : form, true);
    if (lead) yield lead;
  }
}

function* personalArchives(all: readonly string[]): Generator<Lead> {
  if (all.some((word) => word.startsWith("ppa:"))) yield named("ppa.launchpadcontent.net", "package-source");
}

function* implied(name: string, rest: readonly string[]): Generator<Lead> {
  if (rest.some((word) => /^(?:--endpoint|--endpoint-url|--server|--hostname)(?:=|$)/.test(word))) return;
  if (rest[0]?.startsWith("-v") || rest[0] === "--version" || rest[0] === "configure" || rest[0]?.includes("=")) return;
  yield named(IMPLIED[name]!, "command");
}

function* argumentLeads(rest: readonly string[], strict: boolean, command = ""): Generator<Lead> {
  for (let i = 0; i < rest.length && i < 256; i++) {
    const word = rest[i]!;
    if (strict ? FILE_OPTIONS.has(word) : OPAQUE_OPTIONS.has(word)) {
      i++;
      continue;
    }
    if (word.startsWith("#")) return;
    if (command === "go" && !word.includes("/")) continue;
    const value = word.startsWith("-") ? word.slice(word.indexOf("=") + 1) : word;
    if (word.startsWith("-") && !word.includes("=")) continue;
    const plain = value.replace(/^(?:(?:TCP|UDP|OPENSSL|TCP4|tcp|udp|ssl|sftp|s3|rest|b2|azure|gs):)+/, "");
    if (/^[./~]/.test(plain) || plain.startsWith(`${GAP}/`)) continue;
    const lead = tokenLead(plain, "command", strict);
    if (lead && !(strict && lead.template === undefined && looksLikeFile(lead.host))) yield lead;
  }
}

const FLAGS_WITHOUT_VALUE = words(
  "--detach --rm --privileged --init --read-only --interactive --tty --no-healthcheck --oom-kill-disable --publish-all --quiet --all --no-hosts --tls-verify --insecure --all-platforms --replace",
);
const TAKING_IMAGES = words("run pull create push tag inspect build-from save rmi");

function* containerLeads(rest: readonly string[]): Generator<Lead> {
  let i = 0;
  while (
    i < rest.length &&
    (rest[i]!.startsWith("-") || /^(?:container|image|images|content|k8s\.io)$/.test(rest[i]!))
  ) {
    i += /^-[nHa]$/.test(rest[i]!) || rest[i] === "--namespace" || rest[i] === "--context" ? 2 : 1;
  }
  const verb = rest[i] ?? "";
  const args = rest.slice(i + 1);
  if (verb === "login" || verb === "logout") {
    const host = operands(args)[0];
    const lead = host ? tokenLead(host, "command") : verb === "login" ? named("docker.io", "command") : undefined;
    if (lead && verb === "login") yield lead;
  } else if (verb === "copy" || verb === "cp" || verb === "sync") {
    for (const word of args) {
      const found = /^(?:docker|oci):\/\//.test(word) ? imageRegistry(word) : undefined;
      if (found) yield { ...found, form: "image" };
    }
  } else if (TAKING_IMAGES.has(verb) && verb !== "inspect" && verb !== "rmi") {
    yield* images(operands(args), verb === "tag" ? 2 : verb === "pull" ? 32 : 1);
  }
}

/** Words that are neither options nor their values. */
function operands(args: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!word.startsWith("-") || word === "-") result.push(word);
    else if (!word.includes("=") && !FLAGS_WITHOUT_VALUE.has(word) && !/^-[ditqP]+$/.test(word)) i++;
  }
  return result;
}

function* images(references: readonly string[], most: number): Generator<Lead> {
  let count = 0;
  for (const reference of references) {
    if (count >= most || reference.startsWith("#")) return;
    if (reference.startsWith("--")) continue;
    count++;
    const found = imageRegistry(reference);
    if (found) yield { ...found, form: "image" };
  }
}

/** `--image nginx`, `--server api.example.eu`: options that say what follows, whoever takes them. */
function* optionLeads(option: string, next: string | undefined): Generator<Lead> {
  const match = /^--?([a-z][a-z-]{2,40})(?:=(.*))?$/s.exec(option);
  if (!match) return;
  const value = match[2] ?? next;
  if (!value || value.startsWith("-")) return;
  const name = match[1]!;
  const implied = impliedByOption(name, value);
  if (implied) yield named(implied, "command");
  if (name === "image" || name.endsWith("-image")) {
    const found = imageRegistry(value);
    if (found) yield { ...found, form: "image" };
  } else if (
    /(?:^|-)(?:host|hosts|server|servers|endpoint|endpoints|url|registry|mirror|mirrors|keyserver|connect|address|addr|upstream|broker|relay|proxy|peer|bootstrap-servers?|dns|ntp|nameserver)$/.test(
      name,
    )
  ) {
    for (const part of value.split(",", 64)) {
      const lead = tokenLead(part, /dns|nameserver/.test(name) ? "resolver" : "command", true);
      if (lead) yield lead;
    }
  }
}

/** Whether a bare word is a name of the public internet; for lists that a loop goes through. */
export const isNamedHost = (word: string): boolean => {
  const host = bareHost(word);
  return host?.kind === "name" && !looksLikeFile(host.host) && host.host.split(".").length > 1;
};
