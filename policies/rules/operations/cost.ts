import { monthlyEurNet } from "../../../catalogue/hetzner/bill.ts";
import { prices } from "../../../catalogue/hetzner/prices.ts";
import { wanted } from "../../../graph/model.ts";
import type { Context, Rule } from "../../core/types.ts";

/** No surprise on the bill. */
export const cost: Rule = {
  id: "operations/cost",
  title: "The bill stays below its ceiling",
  description: `With setting \`monthlyCostCeiling\`: the sum of everything of Hetzner Cloud with a known price, net, a month, at Hetzner's prices for orders from ${prices.validFrom}. What has
no known price is named, never counted as zero.`,
  severity: "refuse",
  controls: ["dora-9"],
  examples: {
    bad: `settings: {monthlyCostCeiling: 10}
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx32, image: debian-13, location: fsn1}
`,
    good: `settings: {monthlyCostCeiling: 100}
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx32, image: debian-13, location: fsn1}
`,
  },
  applies: ({ type, inputs }, { settings }) =>
    settings.monthlyCostCeiling !== undefined && monthlyEurNet(type, inputs) !== undefined,
  *stack({ graph, settings: { monthlyCostCeiling: ceiling } }: Context) {
    if (ceiling === undefined) return;
    const priced = wanted(graph).flatMap((resource) => {
      const eur = monthlyEurNet(resource.type, resource.inputs);
      return eur === undefined ? [] : [{ resource, eur }];
    });
    const sum = priced.reduce((total, { eur }) => total + (eur ?? 0), 0);
    const unpriced = priced.filter(({ eur }) => eur === null).map(({ resource }) => resource.name);
    const resource = {
      urn: `stack#${graph.source.stack ?? graph.source.name}`,
      type: "pulumi:pulumi:Stack",
      name: graph.source.stack ?? graph.source.name,
    };
    const rest =
      unpriced.length > 0
        ? `, without ${unpriced.slice(0, 5).join(", ")}${unpriced.length > 5 ? ` and ${unpriced.length - 5} more` : ""}, which have no known price`
        : "";
    if (sum > ceiling)
      yield {
        resource,
        outcome: "violation",
        message: `This costs ${sum.toFixed(2)} EUR a month${rest}: more than the ceiling of ${ceiling.toFixed(2)} EUR.`,
        why: "Somebody decided what this may cost.",
        fix: "Take smaller or fewer machines, or raise monthlyCostCeiling on purpose.",
      };
    else if (unpriced.length > 0)
      yield {
        resource,
        outcome: "not-established",
        message: `Whether this stays below ${ceiling.toFixed(2)} EUR a month is not known: ${sum.toFixed(2)} EUR${rest}.`,
        why: "What has no known price is not free.",
        fix: "Look its price up before you deploy it.",
      };
  },
};
