import { createPublicKey, X509Certificate } from "node:crypto";
import { flexibleClasses, isFlexibleClass } from "../../catalogue/data-classes.ts";
import { isLocationName, type LocationName, locationNames } from "../../catalogue/hetzner/locations.ts";
import { findServerType } from "../../catalogue/hetzner/server-types.ts";
import { certificateProblems } from "../load-balancer/certificate.ts";
import type { EdgeArgs } from "./edge.ts";
import type { EdgeSiteSettings } from "./site.ts";
import { type EdgePath, edgeHealthPath } from "./spec.ts";

const plainPath = /^(\/[A-Za-z0-9_~+,=@-][A-Za-z0-9_~+,=@.-]*)+\/?$/;
const host = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const mostServers = 10;

/** What is wrong with a path that is to be served outside, or undefined. */
export function edgePathProblem(path: string): string | undefined {
  if (path === "/") return "is everything: name what is public, such as /assets/";
  if (path === edgeHealthPath) return "is where the site itself is asked whether it works";
  return plainPath.test(path) ? undefined : "is not a plain path such as /assets/ or /robots.txt";
}

/** Type and key of an SSH public key, without the comment: what the provider compares too. */
export const keyMaterial = (publicKey: string): string => publicKey.trim().split(/\s+/).slice(0, 2).join(" ");

function pathProblems(paths: readonly EdgePath[], classes: readonly string[]): string[] {
  if (paths.length === 0) return ["paths: none given: the site would have nothing to serve"];
  return paths.flatMap(({ path, class: name }, index) => {
    const at = `paths[${index}]`;
    const problem = edgePathProblem(path);
    const first = paths.findIndex((other) => other.path === path);
    return [
      ...(problem ? [`${at}.path: ${JSON.stringify(path)} ${problem}`] : []),
      ...(first < index ? [`${at}.path: ${path} is paths[${first}] already`] : []),
      ...(classes.includes(name) ? [] : [`${at}.class: ${name} is none of the site's classes (${classes.join(", ")})`]),
    ];
  });
}

/** Classes that have to stay are refused at run time too: not every program is compiled. */
export function classProblems(classes: readonly string[]): string[] {
  if (classes.length === 0) return [`classes: none given; use ${flexibleClasses.join(", ")}`];
  return classes
    .filter((name) => !isFlexibleClass(name))
    .map(
      (name) =>
        `classes: ${JSON.stringify(name)} may not stand at the edge: only ${flexibleClasses.join(", ")} may leave the core`,
    );
}

function certificateOf({ certificate, domain }: EdgeSiteSettings, core: string): string[] {
  if (certificate === "none") return [];
  const problems = certificateProblems({ kind: "uploaded", ...certificate });
  if (problems.length) return problems;
  const parsed = new X509Certificate(certificate.certificate);
  return [
    ...(parsed.checkHost(domain) ? [] : [`certificate: is not for ${domain}`]),
    ...(parsed.checkHost(core)
      ? [`certificate: is also for ${core}: whoever took the key from an edge machine could pass for the core`]
      : []),
  ];
}

function serverTypeProblems(name: string, location: LocationName): string[] {
  const type = findServerType(name);
  if (!type) return [`serverType: ${JSON.stringify(name)} is not known`];
  return type.locations.includes(location) ? [] : [`serverType: ${name} is not offered in ${location}`];
}

/** Everything wrong with a site, each with the field. */
export function siteProblems(site: EdgeSiteSettings, core: string): string[] {
  const { location, servers = 1, serverType, domain, classes } = site;
  return [
    ...(isLocationName(location) ? [] : [`location: ${location} is none of ${locationNames.join(", ")}`]),
    ...serverTypeProblems(serverType, location),
    ...(Number.isInteger(servers) && servers >= 1 && servers <= mostServers
      ? []
      : [`servers: ${servers} is not a whole number from 1 to ${mostServers}`]),
    ...(host.test(domain) ? [] : [`domain: ${JSON.stringify(domain)} is not a domain name`]),
    ...(domain === core ? [`domain: ${domain} is the core's own name: an edge site needs one of its own`] : []),
    ...classProblems(classes),
    ...(site.kind === "static-cache" ? pathProblems(site.paths, classes) : []),
    ...certificateOf(site, core),
  ];
}

/** Everything wrong with the edge, each with the path to it; empty when nothing is. */
export function edgeProblems({ origin, sites, sshKeys, coreSshKeys = [] }: EdgeArgs): string[] {
  const ofCore = new Set(coreSshKeys.map(keyMaterial));
  const places = sites.map(({ kind, location }) => `${kind} in ${location}`);
  return [
    ...sshKeys.flatMap(({ name, publicKey }, index) =>
      ofCore.has(keyMaterial(publicKey))
        ? [`sshKeys[${index}]: ${name} is a key of the core's too: who administers the edge needs another one`]
        : [],
    ),
    ...sites.flatMap((site, index) => [
      ...siteProblems(site, origin.domain).map((problem) => `sites[${index}].${problem}`),
      ...(places.indexOf(places[index]!) < index
        ? [`sites[${index}]: there is a ${places[index]} already: raise its servers`]
        : []),
    ]),
  ];
}

/** Whether two PEM private keys are the same one; undefined where one cannot be read. */
export function isSameKey(a: string, b: string): boolean | undefined {
  const spki = (pem: string) => createPublicKey(pem).export({ format: "der", type: "spki" });
  try {
    return spki(a).equals(spki(b));
  } catch {
    return undefined;
  }
}
