import { ToolchainError } from "./errors.ts";

/** Open: the vendor's download site can be reached. Sealed: only package registries can. */
export type Network = "open" | "sealed";

/** Which network this is, and how that is known. */
export interface NetworkFinding {
  network: Network;
  reason: string;
}

const VENDOR_SITE = "https://get.pulumi.com/";

/** What a probe may use; tests put their own here. */
export interface ProbeOptions {
  env?: NodeJS.ProcessEnv;
  site?: string;
  /** Milliseconds. @default 4000 */
  timeout?: number;
  signal?: AbortSignal;
}

/**
 * Finds out whether the vendor's download site can be reached. SOVEREIGN_NETWORK=open or sealed decides without a probe.
 * An answer below 500 that the site itself gives counts; a proxy's refusal (403, 451) does not.
 * @throws ToolchainError when SOVEREIGN_NETWORK has another value.
 */
export async function findNetwork(options: ProbeOptions = {}): Promise<NetworkFinding> {
  const { env = process.env, site = VENDOR_SITE, timeout = 4_000, signal } = options;
  const forced = env.SOVEREIGN_NETWORK;
  if (forced === "open" || forced === "sealed") return { network: forced, reason: `SOVEREIGN_NETWORK=${forced}` };
  if (forced) throw new ToolchainError(`SOVEREIGN_NETWORK is "${forced}": expected "open" or "sealed"`);
  const host = new URL(site).host;
  try {
    const within = AbortSignal.timeout(timeout);
    const response = await fetch(site, {
      method: "HEAD",
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, within]) : within,
    });
    const refused = response.status >= 500 || [403, 451].includes(response.status);
    if (!refused) return { network: "open", reason: `${host} answers` };
    return { network: "sealed", reason: `${host} is refused with status ${response.status}` };
  } catch (error) {
    signal?.throwIfAborted();
    return { network: "sealed", reason: `${host} cannot be reached (${probeFault(error)})` };
  }
}

function probeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = error.cause;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}
