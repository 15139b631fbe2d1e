import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLabApi } from "../lab/api/server.ts";
import { foresee } from "./foresight.ts";

const token = "t".repeat(64);
let folder: string;
let lab: Awaited<ReturnType<typeof startLabApi>>;
const api = () => ({ endpoint: lab.url, token });
const wanting = (serverTypes: ReadonlyMap<string, string>, networkCidr = "10.0.0.0/16") => ({
  locations: ["fsn1"],
  serverTypes,
  networkCidr,
});
const post = (path: string, body: object) =>
  fetch(`${lab.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  }).then((response) => response.json() as Promise<{ server: { id: number } }>);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sovereign-availability-"));
  lab = await startLabApi({ dataDir: folder, token, port: 0, actionDuration: 0 });
  for (const [name, role] of [
    ["shop-app-fsn1-1", "app"],
    ["shop-redis-fsn1-1", "redis"],
  ]) {
    const labels = { stack: "shop", role };
    const { server } = await post("/servers", {
      name,
      labels,
      server_type: "cpx32",
      image: "debian-13",
      location: "fsn1",
    });
    if (role === "redis") await post(`/servers/${server.id}/actions/poweroff`, {});
  }
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

const off = "shop-redis-fsn1-1 is switched off: no update will start it; do it at the provider";

describe("foresee", () => {
  it("warns of types that are sold out or gone, once, and of machines that are off", async () => {
    const wanted = new Map([
      ["postgres", "cpx22"],
      ["etcd", "cx23"],
      ["monitoring", "cx23"],
      ["gateway", "cx11"],
    ]);
    expect(await foresee(api(), "shop", wanting(wanted))).toEqual({
      problems: [],
      warnings: [
        "server type cx11 is no longer offered: servers that exist stay, new ones cannot be made; choose another serverType",
        "server type cx23 is not available in fsn1 at the moment: servers that exist stay, new ones cannot be made; choose another serverType",
        off,
      ],
    });
  });

  it("refuses changes of type that would be refused with the machine switched off", async () => {
    const change = async (type: string) => (await foresee(api(), "shop", wanting(new Map([["app", type]])))).problems;
    expect(await change("cax21")).toEqual([
      "shop-app-fsn1-1 is a cpx32 and cannot become a cax21 in place: its processor is another (arm)",
    ]);
    expect(await change("cpx22")).toEqual([
      expect.stringMatching(
        /^shop-app-fsn1-1 is a cpx32 and cannot become a cpx22 in place: its disk of \d+ GB does not fit into \d+ GB$/,
      ),
    ]);
    expect(await change("cpx42")).toEqual([]);
    expect(await change("cpx32")).toEqual([]);
  });

  it("refuses another range for the network that is there, and says what to do", async () => {
    await post("/networks", { name: "shop", ip_range: "10.0.0.0/16" });
    const change = async (cidr: string) => (await foresee(api(), "shop", wanting(new Map(), cidr))).problems;
    expect(await change("10.0.0.0/16")).toEqual([]);
    expect((await change("10.1.0.0/16")).join()).toMatch(
      /^network\.cidr: the network of shop is 10\.0\.0\.0\/16 and cannot become 10\.1/,
    );
    expect((await foresee(api(), "other", wanting(new Map(), "10.1.0.0/16"))).problems).toEqual([]);
  });

  it("leaves other stacks' machines alone", async () => {
    expect(await foresee(api(), "other", wanting(new Map([["app", "cax21"]])))).toMatchObject({ problems: [] });
  });

  it("leaves it to the plugin to say that the provider cannot be asked", async () => {
    const nothing = { problems: [], warnings: [] };
    const wanted = new Map([["app", "cx23"]]);
    expect(await foresee({ endpoint: lab.url, token: "wrong" }, "shop", wanting(wanted))).toEqual(nothing);
    expect(await foresee({ endpoint: "http://127.0.0.1:1/v1", token }, "shop", wanting(wanted))).toEqual(nothing);
  });
});
