/** For tests of parts: machines that answer what a test says. */
import type { HostState } from "./state.ts";
import type { Ran, Way } from "./way.ts";

export const host = (role: string, ordinal: number): HostState => ({
  name: `s-${role}-fsn1-${ordinal}`,
  role,
  location: "fsn1",
  index: ordinal - 1,
  isComplete: true,
  isProtected: true,
  isLifted: false,
  generation: 1,
  publicAddress: `198.51.100.${ordinal}`,
  privateAddress: `10.0.2.${ordinal}`,
  serverType: "ccx13",
  urns: [],
});

/** Machines that answer what a function says, or nothing. */
export function wayTo(
  answer: (host: HostState, argv: readonly string[]) => string | undefined,
): Way & { asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    isNew: () => undefined,
    async run(to, argv): Promise<Ran> {
      asked.push([to.name, ...argv]);
      const stdout = answer(to, argv);
      return stdout === undefined
        ? { code: 255, stdout: "", stderr: "ssh: connect to host: Connection refused" }
        : { code: 0, stdout, stderr: "" };
    },
  };
}

export const etcdWell = JSON.stringify([{ health: true }, { health: true }, { health: true }]);
