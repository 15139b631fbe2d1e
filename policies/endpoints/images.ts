import { GAP, type Host, urlHost } from "./hosts.ts";

/**
 * The registry that a container image comes from: `nginx:1.27` and `grafana/grafana` from docker.io, others from the
 * host that stands first. Undefined for what is no image reference and for registries inside (`localhost:5000/app`).
 */
export function imageRegistry(reference: string): (Host & { port?: number }) | undefined {
  let text = reference.trim().replace(/^(?:docker|oci|docker-image|registry|containers-storage):\/\//i, "");
  if (text.length < 2 || text.length > 1000 || /[\s"'<>|;]/.test(text)) return undefined;
  if (text === "scratch" || /^[a-z-]+:\/\//i.test(text) || /^[./]/.test(text) || text.startsWith("sha256:"))
    return undefined;
  if (text.startsWith(GAP)) return gapRegistry(text);
  text = text.replace(/@sha\d+:.*$/, "");
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  if (first && (/[.:]/.test(first) || first.toLowerCase() === "localhost")) {
    const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(first) ?? [];
    const host = urlHost(name);
    return host && port ? { ...host, port: Number(port) } : host;
  }
  if (!/^[a-z0-9][a-z0-9._/-]*(?::[\w.\uE000-]+)?$/i.test(text.replaceAll(GAP, "x"))) return undefined;
  return { host: "docker.io", kind: "name" };
}

/** `${registry}/app` comes from wherever; `${name}.dkr.ecr.eu-west-1.amazonaws.com/app` from there. */
function gapRegistry(text: string): Host | undefined {
  const first = text.split("/", 1)[0]!;
  return text.includes("/") ? urlHost(first.replace(/:\d*$/, "")) : undefined;
}
