import { readFileSync } from "node:fs";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { useNativeStackTraces } from "../../stacks/stack-traces.ts";

/** A resource as a preview recorded it. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Properties as given by the program; `unknownValue` where the value is not known before the deployment. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs behind each property. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

/** How the engine writes a value that is not known yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const packages: Record<string, unknown> = { hcloud, random, pulumi };

/** The SDK's own class of a resource type, as a program without components would use it. */
function classOf(type: string): new (name: string, inputs: pulumi.Inputs) => pulumi.CustomResource {
  const [name, , className] = type.split(":");
  return (packages[name!] as Record<string, never>)[className!]!;
}

/** Puts in what is not known: derived from the resources that it depends on, so that the engine sees the same graph. */
function withUnknowns(value: unknown, unknown: pulumi.Output<unknown>): unknown {
  if (value === unknownValue) return unknown;
  if (Array.isArray(value)) return value.map((item) => withUnknowns(item, unknown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknowns(item, unknown)]));
}

/** The same resources without components: what a preview recorded, registered one after another. */
export default function main(): void {
  if (process.env.BENCH_NATIVE_STACK_TRACES) useNativeStackTraces();
  const recorded: RecordedResource[] = JSON.parse(readFileSync(process.env.BENCH_RESOURCES!, "utf8"));
  const made = new Map<string, pulumi.CustomResource>();
  for (const resource of recorded) {
    const inputs = Object.fromEntries(
      Object.entries(resource.inputs).map(([key, value]) => {
        const ids = (resource.dependencies[key] ?? []).map((urn) => made.get(urn)!.id);
        return [key, withUnknowns(value, pulumi.all(ids))];
      }),
    );
    made.set(resource.urn, new (classOf(resource.type))(resource.name, inputs));
  }
}
