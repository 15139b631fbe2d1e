import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { resolvers } from "../catalogue/hetzner/resolvers.ts";
import type { EgressPolicy } from "../components/host/egress.ts";
import type { SubnetRole } from "../components/network/plan.ts";
import { parseYaml } from "../graph/yaml.ts";
import { type ApprovedService, parseRegister } from "../register/register.ts";
import type { StackConfig } from "./config/schema.ts";

/** Where the policies look for it too. */
const usualFile = "approved-services.yaml";

/** A list that people keep is not longer. */
const mostBytes = 1_000_000;

/**
 * What machines of each role may reach besides their own needs; undefined where nothing is limited.
 * @param root the repository
 * @throws {pulumi.RunError} for a register that cannot be read as a whole: an entry that is wrong would be missed later, by a machine
 */
export function egressOf(
  config: StackConfig["egress"],
  root: string,
): ((role: SubnetRole) => EgressPolicy) | undefined {
  if (config.mode === "open") return undefined;
  const services = readServices(root, config.register);
  return (role) => ({
    approved: services
      .filter(({ reachedFrom }) => (reachedFrom as readonly SubnetRole[]).includes(role))
      .map(({ endpoint }) => endpoint),
    resolvers,
  });
}

function readServices(root: string, named: string | undefined): readonly ApprovedService[] {
  const file = named ?? usualFile;
  const wrong = (problem: string) =>
    new pulumi.RunError(`egress.register: ${file} ${problem}; see docs/components/egress.md`);
  const text = read(resolve(root, file), wrong);
  if (text === undefined) {
    if (named === undefined) return [];
    throw wrong("is not there");
  }
  let parsed: ReturnType<typeof parseRegister>;
  try {
    const documents = parseYaml(text, file);
    if (documents.length > 1) throw new Error("more than one YAML document");
    parsed = parseRegister(documents[0]?.value);
  } catch (error) {
    throw wrong(`cannot be used: ${(error as Error).message}`);
  }
  if (parsed.problems.length > 0)
    throw wrong(parsed.problems.map(({ index, message }) => `services[${index}]: ${message}`).join("; "));
  return parsed.register.services;
}

function read(path: string, wrong: (problem: string) => Error): string | undefined {
  try {
    if (statSync(path).size > mostBytes) throw wrong(`is larger than ${mostBytes} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw code === undefined ? error : wrong(`cannot be read (${code})`);
  }
}
