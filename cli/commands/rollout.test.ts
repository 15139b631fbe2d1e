import { afterEach, expect, it, vi } from "vitest";
import { createProgram } from "../program.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What the command says, whether it throws it or writes it. */
async function run(...args: string[]): Promise<string> {
  vi.stubEnv("HCLOUD_ENDPOINT", "");
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => said.push(String(text)) > 0);
  }
  await createProgram()
    .parseAsync(["rollout", ...args], { from: "user" })
    .catch((error: Error) => said.push(error.message));
  return said.join("");
}

it.each([
  [["nginx"], /Allowed choices are postgres, etcd, redis, monitoring, gateway/],
  [["postgres", "--stack", "nowhere"], /there is no .*Pulumi\.nowhere\.yaml: which stack is meant\?/],
  [["postgres", "--lab", "no-such-lab"], /the lab no-such-lab does not run: start it with/],
  [["postgres", "--lab", "../x"], /--lab: /],
  [["postgres", "--patience", "soon"], /Expected a whole number from 1 to 1440/],
])("%j is refused with what to do", async (args, message) => {
  expect(await run(...args)).toMatch(message);
});

it("--help has examples, and says what Ctrl-C and the exit codes mean", async () => {
  const help = await run("--help");
  for (const part of ["Examples:", "--dry-run", "Ctrl-C stops it in order", "130  ended by Ctrl-C"])
    expect(help).toContain(part);
});
