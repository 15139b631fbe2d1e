/** A recommendation as people read it. */
import pc from "picocolors";
import { flagOf } from "./answers.ts";
import { edgeDomain, registrable } from "./config.ts";
import type { Kept } from "./file.ts";
import type { Reason } from "./reasons.ts";
import type { MonthlyCost, Recommendation } from "./recommend.ts";
import { eurText } from "./words.ts";

const bullets = (lines: readonly string[]): string[] => lines.map((line) => `  - ${line}`);
const withAnswer = ({ because, text }: Reason): string => `${text} ${pc.dim(`[${flagOf(because)}]`)}`;

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ["", pc.bold(title), ...lines] : [];
}

/** `549.31 EUR a month, net`, and what is not in it. */
export function costText({ monthlyNet, unpriced, pricesOf, atLeast }: MonthlyCost): string {
  const sum = `${eurText(monthlyNet)} a month, net, at prices of ${pricesOf}`;
  if (unpriced.length === 0) return sum;
  return `${sum}; not in it, since the price outside the EU is not known: ${unpriced.join(", ")}. At EU prices all of it would be ${eurText(atLeast)}, and it is more`;
}

function machineLines({ machines, loadBalancers }: Recommendation): string[] {
  return [
    ...machines.map(
      ({ role, location, serverType, count }) =>
        `  ${location.padEnd(5)} ${String(count).padStart(2)} x ${serverType.padEnd(6)} ${role}`,
    ),
    `  ${loadBalancers === 1 ? "1 load balancer" : `${loadBalancers} load balancers, one in each location`}`,
  ];
}

export function renderRecommendation(recommendation: Recommendation): string {
  const { topology, title, locations, durability, dns, cost, budget, isWithinBudget } = recommendation;
  const { reasons, givenUp, notProtectedFrom, alternatives, frameworks } = recommendation;
  return [
    `${pc.bold(topology)}: ${title}`,
    `  locations   ${locations.join(", ")}${locations.length > 1 ? " (the primary first)" : ""}`,
    `  durability  ${durability}`,
    `  DNS         ${dns === "own" ? "the stack's own name servers, which leave out a location that is lost" : "the provider's"}`,
    `  cost        ${costText(cost)}`,
    `  budget      ${eurText(budget)}${isWithinBudget ? "" : pc.red(": not enough")}`,
    ...section("Machines", machineLines(recommendation)),
    ...section("Why", bullets(reasons.map(withAnswer))),
    ...section(
      "Given up, because the budget does not reach",
      bullets(givenUp.map(withAnswer)).map((line) => pc.yellow(line)),
    ),
    ...section("What it does not protect from", bullets(notProtectedFrom)),
    ...section(
      "Instead",
      bullets(
        alternatives.map(
          (other) =>
            `${other.topology}, ${other.title}: ${other.cost.unpriced.length > 0 ? "at least " : ""}${eurText(other.cost.atLeast)}: ${other.whyNot}`,
        ),
      ),
    ),
    ...section(
      "Law that your answers call up (no legal advice)",
      bullets(frameworks.map(({ name, applies, why }) => `${name}${applies === "maybe" ? ", perhaps" : ""}: ${why}`)),
    ),
  ].join("\n");
}

interface Backup {
  readonly region: string;
  readonly bucket: string;
}

/** What is left to do by hand, as commands where there are any. @param checks lines of the step about the checks' settings; none: there is no such step */
export function renderNext(
  recommendation: Recommendation,
  file: string,
  kept: Kept,
  checks: readonly string[] = [],
): string {
  const { stack, dns, config, edges } = recommendation;
  const domain = String(config.domain);
  const backup = (config.postgres as { backup: false | Backup }).backup;
  const { workload } = config.app as { workload: { kind: string } };
  const { create } = config.dns as { create?: boolean };
  const secret = (path: string) => `     npx pulumi config set --secret --path 'sovereign:${path}' -s ${stack}`;
  const steps: string[][] = [
    ...(workload.kind === "service"
      ? [[`${file} runs the example shop: put your own workload under app.workload.`]]
      : []),
    ...(backup
      ? [[`Make the bucket ${backup.bucket} in ${backup.region}, and keys for it: the provider has no API for that.`]]
      : []),
    [
      "State belongs into the EU (a bucket or a folder), secrets into the configuration, encrypted:",
      "     npx pulumi login <where>",
      `     npx pulumi stack init ${stack}`,
      `     npx pulumi config set --secret hcloud:token -s ${stack}`,
      ...(backup ? [secret("postgres.backup.accessKey"), secret("postgres.backup.secretKey")] : []),
    ],
    ...(dns === "own"
      ? [
          [
            `A certificate for ${domain}, in ENTRANCE_CERTIFICATE and its key in ENTRANCE_CERTIFICATE_KEY: the provider issues none for a zone that it does not have.`,
          ],
        ]
      : []),
    ...(edges.length > 0
      ? [
          [
            `Another certificate, for ${edges.map(({ location }) => edgeDomain(domain, location)).join(" and ")}, in EDGE_CERTIFICATE and EDGE_CERTIFICATE_KEY, which is none for ${domain}; and a link to static content there in your pages.`,
          ],
        ]
      : []),
    ...(checks.length > 0 ? [[...checks]] : []),
    [
      "Read what will happen, then let it happen:",
      `     npx sovereign review --stack ${stack} --format html --output review.html`,
      `     npx pulumi up -s ${stack}`,
    ],
    ...(dns === "own"
      ? [[`At the registrar: delegate ${domain} to the output nameServers.`]]
      : create
        ? [
            [
              `At the registrar: lead ${registrable(domain)} to the output nameServers, after its other records (mail!) are in the new zone.`,
            ],
          ]
        : []),
    ...(edges.length > 0 && dns === "own"
      ? [
          [
            "Address records of the caches: the output edge has them (for dns.records, where they are in the same zone).",
          ],
        ]
      : []),
  ];
  return [
    ...(kept.lost.length > 0 ? [pc.yellow(`Encrypted before, and to be set again: ${kept.lost.join(", ")}`)] : []),
    pc.bold("Next"),
    ...steps.map(([first, ...rest], index) => [`  ${index + 1}. ${first}`, ...rest].join("\n")),
  ].join("\n");
}
