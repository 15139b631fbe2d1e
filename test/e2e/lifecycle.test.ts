/** One stack through its life: made, looked at, scaled, changed, protected, searched for secrets, destroyed. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLeaf, type KeyPair } from "../../components/pki/certificates.ts";
import { appServers, type Config, filesOf, LONG, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

/** A certificate for the shop's domain, another one at each call. */
function shopCertificate(): Promise<KeyPair> {
  const notAfter = new Date(Date.now() + 365 * 86_400_000);
  const authority = { seed: randomBytes(32), name: "test authority", generation: 1, notBefore: new Date(0), notAfter };
  return createLeaf(authority, { commonName: "shop.example.eu", dnsNames: ["shop.example.eu"], ipAddresses: [] });
}

/** Configures the stack with a certificate whose key is encrypted, as a user does it. */
async function configureWithCertificate(change: Config, pair: KeyPair) {
  const certificate = { kind: "uploaded", certificate: pair.certificate };
  world.configure(smallConfig({ ...change, loadBalancer: { certificate } }));
  const set = ["config", "set", "--secret", "--path", "sovereign:loadBalancer.certificate.privateKey"];
  const { exitCode, stderr } = await world.pulumi([...set, "--config-file", world.configFile], pair.privateKey);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
}

const privateKeys: string[] = [];

describe("a stack through its life", { timeout: LONG }, () => {
  it("comes up", async () => {
    world.configure(smallConfig());
    const { ok, messages, changes, progress } = await world.up();
    expect(messages).toBe("");
    expect(ok).toBe(true);
    expect(changes.created).toEqual(
      expect.arrayContaining([
        "Server e2e-app-fsn1-1",
        "Server e2e-postgres-fsn1-1",
        "LoadBalancer e2e-load-balancer-fsn1",
      ]),
    );
    const { monthlyCost, hosts } = progress.outputs as {
      monthlyCost: { monthlyNet: number };
      hosts: { name: string }[];
    };
    expect(monthlyCost.monthlyNet).toBeGreaterThan(50);
    expect(hosts.map((host) => host.name)).toContain("e2e-redis-fsn1-1");
    expect(await world.counts()).toMatchObject({ servers: 5, volumes: 3, load_balancers: 1, networks: 1 });
  });

  it("a preview right after shows no change", async () => {
    const { ok, messages, progress } = await world.preview();
    expect(messages).toBe("");
    expect(ok).toBe(true);
    expect(Object.keys(progress.result!.resourceChanges)).toEqual(["same"]);
  });

  it("scales the app servers from 2 to 4 without touching another machine", async () => {
    world.configure(smallConfig(appServers(4)));
    const { messages, changes } = await world.up();
    expect(messages).toBe("");
    const servers = Object.values(changes)
      .flat()
      .filter((change) => change.startsWith("Server "));
    expect(servers).toEqual(["Server e2e-app-fsn1-3", "Server e2e-app-fsn1-4"]);
    expect(changes.created).toEqual(expect.arrayContaining(servers));
    expect(await world.counts()).toMatchObject({ servers: 7 });
  });

  it("changes the server type in place: the same machines, larger", async () => {
    const before = await world.list("servers");
    world.configure(smallConfig(appServers(4, { serverType: "cpx42" })));
    const { messages, changes } = await world.up();
    expect(messages).toBe("");
    expect(changes.updated?.filter((change) => change.startsWith("Server "))).toEqual([
      "Server e2e-app-fsn1-1",
      "Server e2e-app-fsn1-2",
      "Server e2e-app-fsn1-3",
      "Server e2e-app-fsn1-4",
    ]);
    expect([changes.replaced, changes.deleted]).toEqual([undefined, undefined]);
    const after = await world.list("servers");
    for (const [name, server] of after) {
      expect(server.id).toBe(before.get(name)?.id);
      if (name.includes("-app-")) expect(server).toMatchObject({ status: "running", server_type: { name: "cpx42" } });
    }
  });

  it("changes the certificate: the new one is served before the old one goes", async () => {
    const first = await shopCertificate();
    const second = await shopCertificate();
    privateKeys.push(first.privateKey, second.privateKey);
    await configureWithCertificate(appServers(4, { serverType: "cpx42" }), first);
    const one = await world.up();
    expect(one.messages).toBe("");
    await configureWithCertificate(appServers(4, { serverType: "cpx42" }), second);
    const two = await world.up();
    expect(two.messages).toBe("");
    const certificates = [...(await world.list("certificates")).values()];
    expect(certificates.map((item) => item.certificate)).toEqual([second.certificate]);
    const [balancer] = [...(await world.list("load_balancers")).values()] as unknown as [
      { services: { listen_port: number; http: { certificates: number[] } }[] },
    ];
    const https = balancer.services.find((service) => service.listen_port === 443);
    expect(https?.http.certificates).toEqual([certificates[0]!.id]);
  });

  const postgres = (generation: number, except: string[]): Config => ({
    ...appServers(4, { serverType: "cpx42" }),
    loadBalancer: { certificate: { kind: "none" } },
    postgres: { nodes: 1, backup: false, generation },
    protection: { except },
  });

  it("refuses to replace a machine with data, and changes nothing, until the configuration names it", async () => {
    world.configure(smallConfig(postgres(1, [])));
    expect((await world.up()).messages).toBe("");
    const before = await world.list("servers");
    world.configure(smallConfig(postgres(2, [])));
    const refused = await world.up();
    expect(refused.ok).toBe(false);
    expect(refused.messages).toContain("e2e-postgres-fsn1-1");
    expect(refused.messages).toMatch(/protect/);
    expect((await world.list("servers")).get("e2e-postgres-fsn1-1")?.id).toBe(before.get("e2e-postgres-fsn1-1")?.id);
  });

  it("replaces exactly the machine whose generation is raised, and its volume stays", async () => {
    world.configure(smallConfig(postgres(1, ["e2e-postgres-fsn1-1"])));
    expect((await world.up()).messages).toBe("");
    const servers = await world.list("servers");
    const volumes = await world.list("volumes");
    world.configure(smallConfig(postgres(2, ["e2e-postgres-fsn1-1"])));
    const { messages } = await world.up();
    expect(messages).toBe("");
    const after = await world.list("servers");
    const changed = [...after].filter(([name, { id }]) => servers.get(name)?.id !== id).map(([name]) => name);
    expect(changed).toEqual(["e2e-postgres-fsn1-1"]);
    expect(after.size).toBe(servers.size);
    const volume = (await world.list("volumes")).get("e2e-postgres-fsn1-1-data");
    expect(volume?.id).toBe(volumes.get("e2e-postgres-fsn1-1-data")?.id);
    expect(volume?.server).toBe(after.get("e2e-postgres-fsn1-1")?.id);
  });

  it("has its secrets in clear in the machines' user data and nowhere else", async () => {
    const outputs = await world.pulumi(["stack", "output", "--json"]);
    const state = await world.pulumi(["stack", "export", "--show-secrets"]);
    const { packed, documents } = await world.userData();
    const inUserData = documents.join("\n");
    const passwords = [...state.stdout.matchAll(/"plaintext": "\\"([A-Za-z0-9]{32})\\""/g)].map((match) => match[1]!);
    const used = [...new Set(passwords)].filter((password) => inUserData.includes(password));
    expect(used.length).toBeGreaterThan(4);
    const keys = [...inUserData.matchAll(/-----BEGIN PRIVATE KEY-----(?:\\\\n|\\n|\s)+([A-Za-z0-9+/=]{40,})/g)];
    expect(keys.length).toBeGreaterThanOrEqual(documents.length);
    const secrets = new Map([
      ...passwords.map((password, i) => [`password ${i}`, password] as const),
      ...keys.map((match, i) => [`private key ${i}`, match[1]!] as const),
      ...privateKeys.map((pem, i) => [`the certificate's key ${i}`, pem.split("\n")[1]!] as const),
      // The packed document as a whole: its beginning is the same with and without secrets.
      ...packed.map((text, i) => [`user data ${i}`, text.slice(-200, -100)] as const),
      ["the lab's token", world.lab.secrets.token],
      ["the passphrase", world.lab.secrets.passphrase],
    ]);
    const places = new Map([
      ...filesOf(world.lab.files.state),
      ["what the engine said", world.said],
      ["outputs", outputs.stdout],
      ["the lab's log", readFileSync(world.lab.files.log, "utf8")],
      ["the configuration", readFileSync(world.configFile, "utf8")],
    ]);
    expect(places.size).toBeGreaterThan(10);
    const leaks = [...places].flatMap(([place, text]) =>
      [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => `${name} in ${place}`),
    );
    expect(leaks).toEqual([]);
  });

  it("is destroyed once the configuration allows it, and leaves the API empty", async () => {
    await world.restartLab();
    const destroy = ["destroy", "--yes", "--skip-preview"];
    const refused = await world.run(destroy);
    expect(refused.ok).toBe(false);
    expect(refused.messages).toMatch(/protect/);
    world.configure(smallConfig(postgres(2, ["*"])));
    expect((await world.up()).messages).toBe("");
    const destroyed = await world.run(destroy);
    expect(destroyed.messages).toBe("");
    expect(destroyed.ok).toBe(true);
    expect(await world.counts()).toEqual({});
  });
});
