import { archiveDirectory, archiveProblems, type WorkloadArchive } from "./archive.ts";

/** What every kind of workload has. Values of secrets are not here: `secretEnv` holds their names. */
export interface WorkloadCommon {
  /** Port that the workload listens on, loopback; it is told by `PORT`. @default 8080 */
  readonly port?: number;
  /** Environment variables. A change replaces the servers, one created before one is deleted. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of environment variables whose values are secrets. */
  readonly secretEnv?: readonly string[];
  /** Path that answers 2xx or 3xx when the workload can serve. Asked every 2 s on loopback. @default "/" */
  readonly healthPath?: string;
  /** Path of the workload's own Prometheus metrics: for monitoring alone, visitors get 404 there. @default none */
  readonly metricsPath?: string;
  /** Requests at work at the same time on one server; others queue for up to 10 s, and their number is the queue depth. @default 100 */
  readonly concurrency?: number;
  /** Also gives the login that owns the schema, as DATABASE_OWNER_URL. @default false */
  readonly migrations?: boolean;
}

/** A container image, run by podman as a systemd service (quadlet) on the host's network. */
export interface ContainerWorkload extends WorkloadCommon {
  readonly kind: "container";
  /** `registry/name@sha256:...`: what was tested is what runs, on every server and after every replacement. */
  readonly image: string;
  /** Takes `registry/name:tag` too, whose content may change between two servers. @default false */
  readonly allowTag?: boolean;
  /** Arguments in place of the image's own command. @default the image's */
  readonly command?: readonly string[];
  /** `user` or `user:group` within the image, numbers up to 65535; an ordinary user of the machine whatever it is. @default the image's */
  readonly user?: string;
  /** Whether the container may write to its own file system (a temporary /tmp it always has). @default false */
  readonly writable?: boolean;
  /** Linux capabilities, such as `CAP_CHOWN`, over the container's own users and files; all others are dropped. @default none */
  readonly capabilities?: readonly string[];
  /** User name at the registry; the password is the secret `registryPassword` of the component. @default anonymous */
  readonly registryUser?: string;
}

/** Programs and files on the machine itself, run as a hardened systemd service. */
export interface ServiceWorkload extends WorkloadCommon {
  readonly kind: "service";
  /** Debian 13 packages. @default none */
  readonly packages?: readonly string[];
  /** A .tar.gz that every server fetches when it is made, to `/opt/app`. A change replaces the servers, as for a new image. @default none */
  readonly archive?: WorkloadArchive;
  /** Files below /opt, /srv or /etc/app, owned by root and readable by all: secrets belong into `secretEnv`. */
  readonly files?: readonly { readonly path: string; readonly content: string; readonly executable?: boolean }[];
  /** The program's absolute path and its arguments. No shell: write `["/bin/sh", "-c", "..."]` if you need one. */
  readonly command: readonly [string, ...string[]];
  /** An existing system user, not root. @default a user of its own, made by systemd */
  readonly user?: string;
}

export type Workload = ContainerWorkload | ServiceWorkload;

/** Variables that the platform sets; a workload's own may not hide them. */
export const platformVariables = [
  "PORT",
  "HOST",
  "DATABASE_URL",
  "DATABASE_READ_URL",
  "DATABASE_LAG_URL",
  "DATABASE_OWNER_URL",
  "REDIS_SESSIONS_URL",
  "REDIS_CACHE_URL",
] as const;

const digest =
  /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$/;
const tagged = /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+:[\w][\w.-]{0,127}$/;
const printable = /^[\x20-\x7e]*$/;
const path = /^\/[\w.~/-]*$/;
const fileRoots = ["/opt/", "/srv/", "/etc/app/"];

/** Registry of an image, as host and port. */
export function imageRegistry(image: string): { host: string; port: number } {
  const [host = "", port = "443"] = image.slice(0, image.indexOf("/")).split(":");
  return { host, port: Number(port) };
}

function containerProblems(workload: ContainerWorkload): string[] {
  const { image, capabilities = [], command = [], user, registryUser } = workload;
  const problems: string[] = [];
  if (!digest.test(image) && !(workload.allowTag && tagged.test(image))) {
    problems.push(
      tagged.test(image)
        ? `image: ${JSON.stringify(image)} names a tag, whose content may change: pin it as registry/name@sha256:<64 hex digits>, or set allowTag`
        : `image: ${JSON.stringify(image)} is not registry/name@sha256:<64 hex digits>`,
    );
  }
  // Without a dot or a port, a registry would be looked up among podman's short names.
  const registry = image.split("/")[0]!;
  if (image.includes("/") && !/[.:]/.test(registry)) {
    problems.push(`image: ${JSON.stringify(image)} does not start with a registry such as registry.example.eu`);
  }
  for (const capability of capabilities) {
    if (!/^CAP_[A-Z_]+$/.test(capability))
      problems.push(`capabilities: ${JSON.stringify(capability)} is not like CAP_CHOWN`);
  }
  if (!command.every((part) => printable.test(part))) problems.push("command: only printable ASCII");
  if (user !== undefined && !/^[\w.-]+(:[\w.-]+)?$/.test(user))
    problems.push(`user: ${JSON.stringify(user)} is not user or user:group`);
  if (registryUser !== undefined && !/^[\x21-\x39\x3b-\x7e]+$/.test(registryUser)) {
    problems.push("registryUser: only printable ASCII without spaces and colons");
  }
  return problems;
}

function serviceProblems({ files = [], command, user, packages = [], archive }: ServiceWorkload): string[] {
  const problems: string[] = archive ? archiveProblems(archive) : [];
  if (!command[0]?.startsWith("/")) problems.push(`command: ${JSON.stringify(command[0])} is not an absolute path`);
  if (!command.every((part) => printable.test(part))) problems.push("command: only printable ASCII");
  if (user !== undefined && !/^[a-z_][a-z0-9_-]{0,31}$/.test(user))
    problems.push(`user: ${JSON.stringify(user)} is not a user name`);
  if (user === "root") {
    problems.push('user: "root" could read every secret of the machine: name another system user, or leave it out');
  }
  for (const name of packages) {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name))
      problems.push(`packages: ${JSON.stringify(name)} is not a Debian package name`);
  }
  for (const [index, file] of files.entries()) {
    const at = `files[${index}].path: ${JSON.stringify(file.path)}`;
    if (!path.test(file.path) || file.path.split("/").some((part, i) => i > 0 && /^\.{0,2}$/.test(part))) {
      problems.push(`${at} is not a plain absolute path`);
    } else if (!fileRoots.some((root) => file.path.startsWith(root))) {
      problems.push(`${at} is not below ${fileRoots.join(", ")}`);
    } else if (archive && `${file.path}/`.startsWith(`${archiveDirectory}/`)) {
      problems.push(`${at} is in ${archiveDirectory}, which is the archive's: put it into the archive, or elsewhere`);
    }
    if (file.content.includes("%%secret:")) problems.push(`files[${index}].content: secrets belong into secretEnv`);
  }
  return problems;
}

function environmentProblems({ env = {}, secretEnv = [] }: WorkloadCommon): string[] {
  const problems: string[] = [];
  for (const name of [...Object.keys(env), ...secretEnv]) {
    if (!/^[A-Z][A-Z0-9_]{0,127}$/.test(name)) {
      problems.push(`env: ${JSON.stringify(name)} is not a name of A-Z, 0-9 and _`);
    } else if ((platformVariables as readonly string[]).includes(name)) {
      problems.push(`env: ${name} is set by the platform`);
    }
  }
  for (const name of secretEnv) if (name in env) problems.push(`env: ${name} is also in secretEnv`);
  for (const [name, value] of Object.entries(env)) {
    if (value.includes("\0")) problems.push(`env.${name}: holds a NUL character`);
    if (value.includes("%%secret:")) problems.push(`env.${name}: secrets belong into secretEnv`);
  }
  return problems;
}

/** Everything wrong with a workload, each with the field; empty when nothing is. */
export function workloadProblems(workload: Workload): string[] {
  const { port, concurrency, healthPath = "/", metricsPath } = workload;
  const problems = environmentProblems(workload);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1024 && port <= 65_535)) {
    problems.push(`port: ${port} is not between 1024 and 65535`);
  }
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 10_000)) {
    problems.push(`concurrency: ${concurrency} is not between 1 and 10000`);
  }
  if (!path.test(healthPath))
    problems.push(`healthPath: ${JSON.stringify(healthPath)} is not a plain path such as /health`);
  // Visitors get 404 there, which must not be the whole site, and nginx compares with paths it has tidied up.
  if (metricsPath !== undefined && !(path.test(metricsPath) && /^(\/(?!\.{1,2}(\/|$))[^/]+)+\/?$/.test(metricsPath)))
    problems.push(`metricsPath: ${JSON.stringify(metricsPath)} is not a plain path such as /metrics`);
  switch (workload.kind) {
    case "container":
      return [...problems, ...containerProblems(workload)];
    case "service":
      return [...problems, ...serviceProblems(workload)];
    default:
      return unknownWorkload(workload);
  }
}

/** Where a `switch` over the kinds of workload ends, so that a new kind cannot be forgotten. */
export function unknownWorkload(workload: never): never {
  throw new Error(`unknown kind of workload: ${JSON.stringify((workload as Workload).kind)}`);
}
