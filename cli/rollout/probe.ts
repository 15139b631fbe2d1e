/** Questions that machines of several roles are asked, and what their answers mean. */
import { paths, ports } from "../../lab/drills/platform.ts";

/** Where the first boot leaves that it is over, and why it is not. */
const bootedMarker = "/var/lib/sovereign-booted";
const bootLog = "/var/log/cloud-init-output.log";

/** Prints `booted`, or why not. */
export const bootProbe = `if [ -e ${bootedMarker} ]; then echo booted
else echo booting; grep -m 1 -o 'first boot failed: .*' ${bootLog} 2>/dev/null | head -c 500; fi`;

export function bootProblem(name: string, answer: string): string | undefined {
  const [state = "", failure] = answer.split("\n").map((line) => line.trim());
  if (state === "booted") return undefined;
  return failure ? `${name}: ${failure}` : `the first boot of ${name} is not over`;
}

/** Prints etcd's members and which of them are healthy, where this machine is one of them; else nothing. */
export const etcdProbe = `if [ -e ${paths.etcdConfig} ]; then
  timeout 10 etcdctl --endpoints https://127.0.0.1:${ports.etcdClient} --cacert ${paths.authority} --cert ${paths.certificate} --key ${paths.key} \\
    endpoint health --cluster --dial-timeout 3s --command-timeout 4s -w json 2>/dev/null || [ $? = 1 ] || echo failed
fi`;

/** @param expected members that there have to be */
export function etcdProblem(answer: string, expected: number): string | undefined {
  if (answer === "") return undefined;
  const healthy = endpointsOf(answer);
  if (!healthy) return "etcd does not answer";
  const well = healthy.filter(Boolean).length;
  return healthy.length < expected || well < healthy.length
    ? `etcd has ${well} healthy ${well === 1 ? "member" : "members"} of ${Math.max(expected, healthy.length)}`
    : undefined;
}

function endpointsOf(answer: string): boolean[] | undefined {
  try {
    const endpoints: unknown = JSON.parse(answer.split("\n")[0]!);
    return Array.isArray(endpoints) ? endpoints.map((endpoint) => endpoint?.health === true) : undefined;
  } catch {
    return undefined;
  }
}

/** Parts of an answer, between lines of three dashes. */
export const inParts = (stdout: string): string[] => stdout.split(/^---$/m).map((part) => part.trim());
