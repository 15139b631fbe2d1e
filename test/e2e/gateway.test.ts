/** Name servers keep their addresses whatever happens to their machines: the registrar has them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labEnvironment } from "../../cli/environment.ts";
import { Interruption, runEngine } from "../../cli/lab/engine.ts";
import { openDatabase } from "../../lab/api/core/sqlite.ts";
import { labApi } from "../../lab/session/client.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { ensureToolchain, type Toolchain } from "../../toolchain/ensure.ts";
import { initStack } from "../../toolchain/stack.ts";
import { LONG } from "./harness.ts";

const program = join(import.meta.dirname, "gateway");
const machine = "shop-gateway-fsn1-1";

let folder: string;
let lab: RunningLab;
let toolchain: Toolchain;
let env: NodeJS.ProcessEnv;

async function pulumi(
  args: readonly string[],
  change: object = {},
): Promise<{ exitCode: number; said: string; stdout: string }> {
  const context = {
    toolchain,
    env: { ...env, GATEWAY_CHANGE: JSON.stringify(change) },
    cwd: program,
    stack: "names",
    interruption: new Interruption(),
  };
  const config = args[0] === "stack" ? [] : ["--config-file", join(folder, "Pulumi.names.yaml")];
  const { exitCode, stdout, stderr } = await runEngine(context, [...args, ...config]);
  return { exitCode: exitCode ?? -1, said: stdout + stderr, stdout };
}

async function up(change: object = {}): Promise<string> {
  const { exitCode, said } = await pulumi(["up", "--yes", "--skip-preview"], change);
  expect({ exitCode, said: exitCode === 0 ? "" : said }).toEqual({ exitCode: 0, said: "" });
  return said;
}

interface Server {
  readonly id: number;
  readonly name: string;
  readonly public_net: {
    readonly ipv4: { readonly ip: string };
    readonly ipv6: { readonly ip: string };
    readonly firewalls: readonly unknown[];
  };
}
const servers = async (): Promise<readonly Server[]> =>
  ((await labApi(lab)("GET", "/servers")) as { servers: Server[] }).servers.toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
const publicOf = (list: readonly Server[]) => list.map(({ public_net: { ipv4, ipv6 } }) => [ipv4.ip, ipv6.ip]);

beforeAll(async () => {
  toolchain = await ensureToolchain();
  folder = mkdtempSync(join(tmpdir(), "sovereign-gateway-"));
  ({ lab } = await startLab({ project: folder, port: 0, actionDuration: 0 }));
  env = labEnvironment(lab, toolchain);
  const aside = join(folder, "project");
  mkdirSync(aside);
  writeFileSync(join(aside, "Pulumi.yaml"), readFileSync(join(program, "Pulumi.yaml")));
  await initStack(toolchain, "names", { env, cwd: aside });
  await up();
}, LONG);

afterAll(async () => {
  if (!folder) return;
  await stopLab({ project: folder });
  rmSync(folder, { recursive: true, force: true });
}, LONG);

describe("name servers at the provider", { timeout: LONG }, () => {
  it("have the addresses that the registrar is told, two firewalls, and nothing to change afterwards", async () => {
    const { stdout } = await pulumi(["stack", "output", "--json"]);
    const { nameServers } = JSON.parse(stdout) as { nameServers: { name: string; ipv4: string; ipv6: string }[] };
    const made = await servers();
    expect(nameServers.map(({ name }) => name)).toEqual(["ns1.shop.example.eu", "ns2.shop.example.eu"]);
    expect(nameServers.map(({ ipv4, ipv6 }) => [ipv4, ipv6.replace(/1$/, "/64")])).toEqual(publicOf(made));
    expect(made.map(({ public_net }) => public_net.firewalls.length)).toEqual([2, 2]);
    expect(((await labApi(lab)("GET", "/primary_ips")) as { primary_ips: unknown[] }).primary_ips).toHaveLength(4);
    for (const args of [
      ["preview", "--json"],
      ["refresh", "--preview-only", "--json"],
    ]) {
      const { exitCode, stdout: summary, said } = await pulumi(args);
      expect(exitCode, said).toBe(0);
      expect(Object.keys((JSON.parse(summary) as { changeSummary: object }).changeSummary)).toEqual(["same"]);
    }
  });

  it("keep them when a machine is replaced on purpose, and the other machine is not touched", async () => {
    const before = await servers();
    await up({ except: [machine] });
    await up({ except: [machine], generation: 2 });
    const after = await servers();
    expect(after[0]!.id).not.toBe(before[0]!.id);
    expect(after[1]!.id).toBe(before[1]!.id);
    expect(publicOf(after)).toEqual(publicOf(before));
    await up({ generation: 2 });
  });

  it("are told everybody's addresses, and the same of the zone", async () => {
    const addresses = publicOf(await servers()).map(([ipv4]) => ipv4!);
    await stopLab({ project: folder });
    const db = openDatabase(lab.files.data);
    const rows = db.prepare("SELECT data FROM blobs WHERE key LIKE 'servers/%/user_data'").all();
    db.close();
    const { port } = lab.process;
    ({ lab } = await startLab({ project: folder, port, actionDuration: 0 }));
    const documents = rows.map((row) => gunzipSync(Buffer.from(String(row.data), "base64")).toString("utf8"));
    const zones = documents.map((text) => {
      const { write_files: files } = JSON.parse(text.replace("#cloud-config\n", "")) as {
        write_files: { path: string; content: string; permissions: string; owner: string }[];
      };
      const zone = files.find((file) => file.path.endsWith(".zone"))!;
      expect([zone.permissions, zone.owner]).toEqual(["0640", "root:pdns"]);
      return zone.content;
    });
    expect(zones).toHaveLength(2);
    expect(zones[0]).toBe(zones[1]);
    expect(zones[0]).not.toContain("%%");
    expect(zones[0]).toMatch(/IN SOA ns1\.shop\.example\.eu\. hostmaster\.shop\.example\.eu\. [1-9]\d* /);
    for (const address of addresses) expect(zones[0]).toContain(` IN A ${address}\n`);
  });
});
