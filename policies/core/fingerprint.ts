import { hash } from "node:crypto";
import type { Report } from "./types.ts";

/**
 * Names a finding over runs: of the rule, the resource, where it is and what it is about; not of messages, counts or other resources.
 * Indexes of lists are left out, so that an entry added before it does not make an old finding a new one.
 */
export function fingerprint(rule: string, report: Report): string {
  const { resource, property, place = [], subject, outcome } = report;
  const about = subject?.host ?? subject?.address ?? subject?.region ?? subject?.vendor ?? subject?.country;
  const parts = [rule, outcome, resource.urn, unnumbered(property ?? ""), ...place.map(unnumbered), about ?? ""];
  return hash("sha256", parts.join("\0"), "hex").slice(0, 16);
}

function unnumbered(path: string): string {
  return path.replace(/\[\d+\]/g, "[]");
}
