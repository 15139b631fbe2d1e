/** What users get to read when something is not as it should be. Nothing may be created by then. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:net";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../cli/project.ts";
import { startLab } from "../../lab/session/session.ts";
import { appServers, LONG, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

const withoutStacks = /\n\s+at .*:\d+:\d+/;

async function refused(outcome: ReturnType<World["up"]>): Promise<string> {
  const { ok, messages } = await outcome;
  expect(ok).toBe(false);
  expect(messages).not.toMatch(withoutStacks);
  expect(messages).not.toContain(world.lab.secrets.token);
  expect(await world.counts()).toEqual({});
  return messages;
}

describe("bad input", { timeout: LONG }, () => {
  it("a wrong token is called one", async () => {
    world.configure(smallConfig());
    const messages = await refused(world.up({ env: { HCLOUD_TOKEN: "f".repeat(64) } }));
    expect(messages).toMatch(/error e2e[\w-]*: unable to authenticate/);
  });

  it("a token of the wrong length is refused without showing it", async () => {
    const messages = await refused(world.up({ env: { HCLOUD_TOKEN: "too-short-a-token" } }));
    expect(messages).toMatch(/64 characters/);
    expect(messages).not.toContain("too-short-a-token");
  });

  it("an API that cannot be reached is named", async () => {
    const messages = await refused(world.up({ env: { HCLOUD_ENDPOINT: "http://127.0.0.1:9/v1" } }));
    expect(messages).toMatch(/127\.0\.0\.1:9.*connection refused/);
  });

  it("a location outside the EU and a range too small are refused together, at preview", async () => {
    world.configure(smallConfig({ location: "ash", network: { cidr: "10.0.0.0/24" } }));
    const messages = await refused(world.preview());
    expect(messages).toContain("location: ash is in Ashburn, VA, US, outside the EU: use one of fsn1, nbg1, hel1");
    expect(messages).toMatch(/network\.cidr: 10\.0\.0\.0\/24 is too small/);
  });

  it("user data beyond 32 KiB is an error at preview that names its largest parts", async () => {
    const value = () => randomBytes(3000).toString("base64");
    const environment = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`FILLER_${i}`, value()]));
    const workload = { kind: "service", command: ["/usr/bin/env"], environment };
    world.configure(smallConfig(appServers(2, { workload })));
    const messages = await refused(world.preview());
    expect(messages).toMatch(
      /user data of e2e-app-fsn1-1 is \d{5} bytes when compressed; the provider takes at most 32768/,
    );
    expect(messages).toMatch(/Largest parts: \/\S+ \(about \d{5} bytes\)/);
  });

  it("a secret that stands in clear in the configuration is refused, and not repeated", async () => {
    const certificate = {
      kind: "uploaded",
      certificate: "-----BEGIN CERTIFICATE-----",
      privateKey: "-----BEGIN hunter2",
    };
    world.configure(smallConfig({ loadBalancer: { certificate } }));
    const messages = await refused(world.preview());
    expect(messages).toContain("loadBalancer.certificate.privateKey: is a secret in clear");
    expect(messages).not.toContain("hunter2");
  });

  it("a server type that its location does not have is named, and the next update repairs the stack", async () => {
    world.configure(smallConfig(appServers(2, { serverType: "cx23" })));
    const { ok, messages } = await world.up();
    expect(ok).toBe(false);
    expect(messages).toMatch(/error e2e-app-fsn1-[12]: .*cx23/);
    world.configure(smallConfig());
    expect((await world.up()).messages).toBe("");
  });
});

describe("a port in use", () => {
  let taken: Server;
  let port: number;
  beforeAll(async () => {
    taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    port = (taken.address() as { port: number }).port;
  });
  afterAll(() => void taken.close());

  it("is an error that says so when it was asked for", async () => {
    const project = `${world.folder}/elsewhere`;
    await expect(startLab({ project, port })).rejects.toThrow(
      `the lab could not start: port ${port} on 127.0.0.1 is in use: stop what listens there or choose another port`,
    );
  });

  it("makes the command end with 1, and with 2 for what is no port", async () => {
    const sovereign = (...args: string[]) =>
      execa(process.execPath, ["cli/sovereign.mjs", ...args], { cwd: projectRoot, reject: false });
    const inUse = await sovereign("lab", "start", "--name", "e2e-port", "--port", String(port));
    expect(inUse).toMatchObject({ exitCode: 1, stdout: "" });
    expect(inUse.stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
    expect(await sovereign("lab", "stop", "--name", "e2e-port", "--purge")).toMatchObject({ exitCode: 0 });
    const noPort = await sovereign("lab", "start", "--port", "99999");
    expect(noPort).toMatchObject({ exitCode: 2 });
    expect(noPort.stderr).toContain("whole number from 1 to 65535");
  });
});
