/** The program that `pulumi import` would write: each resource of an exported state with the inputs recorded there. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Exported {
  deployment: {
    resources: { urn: string; type: string; custom: boolean; inputs?: pulumi.Inputs; protect?: boolean }[];
  };
}

/** Any resource: the SDK's class is abstract. */
class Restated extends pulumi.CustomResource {}

const { deployment } = JSON.parse(readFileSync(process.env.ADOPT_STATE!, "utf8")) as Exported;
const imported = deployment.resources.filter(({ type }) => type.startsWith("hcloud:"));
for (const { urn, type, inputs = {}, protect = false } of imported) {
  const { __defaults, ...own } = inputs;
  new Restated(type, urn.slice(urn.lastIndexOf("::") + 2), own, { protect, version: "1.32.1" });
}
