import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { cacheFolder } from "./cache.ts";
import { throwIfCancelled } from "./errors.ts";
import { withLock } from "./lock.ts";
import { findNetwork, type Network, type NetworkFinding } from "./network.ts";
import { fetchOpen, openMarker } from "./open.ts";
import type { OnProgress } from "./progress.ts";
import { buildSealed, sealedLayout } from "./sealed.ts";
import { projectRoot, readVersions, type Versions } from "./versions.ts";

/** A Pulumi engine with its plugins, ready to use. */
export interface Toolchain {
  /** The Pulumi home: the engine, the language host and the plugins. */
  pulumiHome: string;
  /** The CLI's executable. */
  pulumi: string;
  network: Network;
  /** How it is known which network this is. */
  reason: string;
  /** The variables that make any Pulumi command use this toolchain. */
  env: Record<string, string>;
}

/** What {@link ensureToolchain} may be told. */
export interface EnsureOptions {
  /** Takes a line at least every 3 seconds while something takes long. */
  onProgress?: OnProgress;
  /** Ends the work; what is finished is kept. */
  signal?: AbortSignal;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** The three things that reach outside; tests put their own here. */
  steps?: Partial<Steps>;
}

interface Steps {
  findNetwork: typeof findNetwork;
  buildSealed: typeof buildSealed;
  fetchOpen: typeof fetchOpen;
}

interface Place extends NetworkFinding {
  home: string;
}

/**
 * Makes sure that the pinned engine and plugins are there: fetched where the vendor's download site is reachable, built
 * from Go modules where it is not. What is there already is used without looking at the network.
 * @throws ToolchainError saying what is missing and what to do; ToolchainCancelled after the signal.
 */
export async function ensureToolchain(options: EnsureOptions = {}): Promise<Toolchain> {
  const { env = process.env, onProgress = () => undefined, signal } = options;
  const steps: Steps = { findNetwork, buildSealed, fetchOpen, ...options.steps };
  const versions = readVersions();
  const cache = cacheFolder(env);
  const layout = sealedLayout(cache, versions);
  const openHome = path.join(cache, "open");

  const present = (): Place | undefined => {
    const forced = env.SOVEREIGN_NETWORK;
    const because = (earlier: string) => (forced ? `SOVEREIGN_NETWORK=${forced}` : earlier);
    if ((!forced || forced === "sealed") && existsSync(layout.home)) {
      return { network: "sealed", reason: because("built from Go modules earlier"), home: layout.home };
    }
    if ((!forced || forced === "open") && existsSync(openMarker(openHome, versions))) {
      return { network: "open", reason: because("fetched from the vendor earlier"), home: openHome };
    }
    return undefined;
  };

  const bring = async (): Promise<Place> => {
    const finding = await steps.findNetwork({ env, signal });
    onProgress(`${finding.network} network (${finding.reason}): ${PLAN[finding.network]}`);
    return withLock(cache, { onProgress, signal }, async (held) => {
      // Another run may have brought it while this one waited.
      const place = present();
      if (place) return { ...place, reason: finding.reason };
      const context = { env: withHome(env), onProgress, signal: held };
      if (finding.network === "open") await steps.fetchOpen(openHome, versions, context);
      else await steps.buildSealed(layout, versions, context);
      return { ...finding, home: finding.network === "open" ? openHome : layout.home };
    });
  };

  throwIfCancelled(signal);
  return describeToolchain(present() ?? (await bring()), versions);
}

const PLAN: Record<Network, string> = {
  open: "the vendor's engine and plugins are fetched",
  sealed: "the engine and plugins are built from Go modules, which takes some minutes the first time",
};

/** Go keeps its caches below HOME and stops without it. */
export function withHome(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env.HOME ? env : { ...env, HOME: os.homedir() };
}

function describeToolchain({ home, network, reason }: Place, versions: Versions): Toolchain {
  const pulumi = path.join(home, "versions", versions.pulumi, "bin", "pulumi");
  return { pulumiHome: home, pulumi, network, reason, env: toolchainEnv({ pulumiHome: home, network }) };
}

/** The variables that make any Pulumi command, also plain `npx pulumi`, use a toolchain. */
export function toolchainEnv(toolchain: Pick<Toolchain, "pulumiHome" | "network">): Record<string, string> {
  return {
    PULUMI_HOME: toolchain.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Node keeps compiled code there: loading the SDK is most of a small preview.
    NODE_COMPILE_CACHE: path.join(toolchain.pulumiHome, "node-compile-cache"),
    ...(toolchain.network === "sealed"
      ? {
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          // The clone that built the home, which others share, may be gone.
          SOVEREIGN_LANGUAGE_HOST_ORIGIN: projectRoot,
        }
      : {}),
  };
}

/** The whole environment for a child that runs Pulumi: the pinned Node and the language host come first on PATH. */
export function childEnv(toolchain: Toolchain, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const first = [path.join(projectRoot, "node_modules", ".bin"), path.dirname(toolchain.pulumi)];
  return { ...env, ...toolchain.env, PATH: [...first, env.PATH].filter(Boolean).join(path.delimiter) };
}
