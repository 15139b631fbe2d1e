import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { beforeAll, describe, expect, test } from "vitest";
import { planWithoutProvider } from "../nothing-exists.ts";
import { Boundary } from "./boundary.ts";

beforeAll(async () => {
  await planWithoutProvider("shop", "shop");
});

class Part extends pulumi.ComponentResource {
  constructor(type: string, name: string, opts: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
    this.registerOutputs({});
  }
}

/** A core and an edge below a boundary, and what is wrong once both were filled. */
async function problems(fill: (core: Part, edge: Part) => void): Promise<string[]> {
  const boundary = new Boundary({ classes: { "shop-app": ["personal", "public"] } });
  const opts = { transformations: [boundary.transformation] };
  const failed: unknown[] = [];
  const heard = (error: unknown) => void failed.push(error);
  process.on("unhandledRejection", heard);
  try {
    fill(
      new Part("sovereign:app:AppServers", "shop-app", opts),
      new Part("sovereign:edge:EdgeSite", "shop-edge-ash", opts),
    );
    await boundary.verify();
    return [];
  } catch (error) {
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    for (const [problem, message] of [...boundary.problems].map((text) => [text, String(error)]))
      expect(message!.includes(problem!) || failed.some((other) => String(other).includes(problem!)), problem).toBe(
        true,
      );
    return [...boundary.problems];
  } finally {
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", heard);
  }
}

const server = (name: string, parent: pulumi.Resource, more: Partial<hcloud.ServerArgs> = {}) =>
  new hcloud.Server(
    name,
    { serverType: "ccx13", image: "debian-13", location: "fsn1", labels: { role: "app" }, ...more },
    { parent },
  );
const atEdge: Partial<hcloud.ServerArgs> = { location: "ash", labels: { role: "edge", "data-class": "public.static" } };
const number = (output: pulumi.Output<string>) => output.apply(Number);

describe("what the edge takes from the core is refused with its path", () => {
  test("nothing shared: nothing to say, and the core gets its labels", async () => {
    let labels: pulumi.Output<unknown> | undefined;
    expect(
      await problems((core, edge) => {
        const firewall = new hcloud.Firewall("shop-edge-ash", { labels: {} }, { parent: edge });
        labels = server("shop-app-1", core).labels;
        server("shop-edge-ash-1", edge, { ...atEdge, firewallIds: [number(firewall.id)] });
      }),
    ).toEqual([]);
    expect(await new Promise((resolve) => labels!.apply(resolve))).toEqual({
      role: "app",
      "data-class": "personal.public",
    });
  });

  const cases: Record<string, (core: Part, edge: Part) => void> = {
    firewall: (core, edge) => {
      const firewall = new hcloud.Firewall("shop-public", {}, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, firewallIds: [number(firewall.id)] });
    },
    "SSH key": (core, edge) => {
      const key = new hcloud.SshKey("shop-key", { publicKey: "ssh-ed25519 AAAA core" }, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, sshKeys: [key.id] });
    },
    secret: (core, edge) => {
      const seed = new random.RandomPassword("shop-pki-seed", { length: 32 }, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, userData: pulumi.interpolate`key=${seed.result}` });
    },
    volume: (core, edge) => {
      const volume = new hcloud.Volume("shop-data", { size: 10, location: "fsn1", labels: {} }, { parent: core });
      const machine = server("shop-edge-ash-1", edge, atEdge);
      new hcloud.VolumeAttachment("a", { volumeId: number(volume.id), serverId: number(machine.id) }, { parent: edge });
    },
    "the edge's machine behind the core's firewall": (core, edge) => {
      const machine = server("shop-edge-ash-1", edge, atEdge);
      const firewall = new hcloud.Firewall("shop-public", {}, { parent: core });
      new hcloud.FirewallAttachment(
        "shop-all",
        { firewallId: number(firewall.id), serverIds: [number(machine.id)] },
        { parent: core },
      );
    },
  };
  test.each(Object.entries(cases))("%s", async (name, fill) => {
    const found = await problems(fill);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchSnapshot(name);
  });

  test("network, by output and as such", async () => {
    const found = await problems((core, edge) => {
      const network = new hcloud.Network("shop", { ipRange: "10.0.0.0/16" }, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, networks: [{ networkId: number(network.id) }] });
    });
    expect(found).toMatchSnapshot();
  });

  test("public names and addresses may cross", async () => {
    expect(
      await problems((core, edge) => {
        const zone = new hcloud.Zone("shop-zone", { name: "example.eu", mode: "primary" }, { parent: core });
        const machine = server("shop-edge-ash-1", edge, atEdge);
        const records = [{ value: machine.ipv4Address }];
        new hcloud.ZoneRrset("static", { zone: zone.name, name: "static", type: "A", records }, { parent: edge });
        new hcloud.ZoneRrset("files", { zone: zone.name, name: "files", type: "A", records }, { parent: core });
      }),
    ).toEqual([]);
  });
});

describe("what is shared by value is refused with its path", () => {
  const cases: Record<string, (core: Part, edge: Part) => void> = {
    "id of an existing firewall": (core, edge) => {
      const firewall = new hcloud.Firewall("shop-public", {}, { parent: core });
      firewall.id.apply((id) => server("shop-edge-ash-1", edge, { ...atEdge, firewallIds: [Number(id)] }));
    },
    "name of an SSH key": (core, edge) => {
      new hcloud.SshKey("shop-key", { name: "operations", publicKey: "ssh-ed25519 AAAA x" }, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, sshKeys: ["operations"] });
    },
    "the same public key under another name": (core, edge) => {
      new hcloud.SshKey("shop-key", { publicKey: "ssh-ed25519 AAAA me@work" }, { parent: core });
      new hcloud.SshKey("edge-key", { publicKey: "ssh-ed25519 AAAA me@home" }, { parent: edge });
    },
    "the core's private key": (core, edge) => {
      const pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBase64\n-----END PRIVATE KEY-----\n";
      new hcloud.UploadedCertificate("shop", { certificate: "-", privateKey: pulumi.secret(pem) }, { parent: core });
      server("shop-edge-ash-1", edge, { ...atEdge, userData: `#!/bin/sh\ncat > key <<E\n${pem}E\n` });
    },
    "a selector of the core's that finds the edge": (core, edge) => {
      new hcloud.LoadBalancerTarget(
        "shop",
        { loadBalancerId: 1, type: "label_selector", labelSelector: "role!=db" },
        { parent: core },
      );
      server("shop-edge-ash-1", edge, atEdge);
    },
  };
  test.each(Object.entries(cases))("%s", async (name, fill) => {
    const found = await problems(fill);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchSnapshot(name);
  });
});

test("classes on the wrong side, none at all, and a core outside the EU", async () => {
  const found = await problems((core, edge) => {
    server("shop-edge-ash-1", edge, { ...atEdge, labels: { "data-class": "static.personal" } });
    server("shop-edge-ash-2", edge, { location: "ash", labels: {} });
    server("shop-app-1", core, { location: "ash" });
    server("shop-app-2", core, { labels: { "data-class": "secret" } });
  });
  expect(found).toMatchSnapshot();
});

test("a resource that breaks the boundary is never registered", async () => {
  const planned = await planWithoutProvider("shop", "shop");
  const found = await problems((core, edge) => {
    const firewall = new hcloud.Firewall("shop-public", {}, { parent: core });
    server("shop-edge-ash-1", edge, { ...atEdge, firewallIds: [number(firewall.id)] });
  });
  expect(found).toHaveLength(1);
  expect(planned.map(({ name }) => name)).toContain("shop-public");
  expect(planned.map(({ name }) => name)).not.toContain("shop-edge-ash-1");
});
