import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Platform } from "../host/platform.ts";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { certificateProblems, certificateWarning, privateKeyProblem } from "./certificate.ts";
import { DnsRecords, dnsRecordsProblems } from "./dns-records.ts";
import type { LoadBalancerArgs } from "./load-balancer.ts";
import { loadBalancerProblems } from "./problems.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});
beforeEach(() => void made.splice(0));

const authority = {
  seed: Buffer.alloc(32, 3),
  name: "test",
  generation: 1,
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2036-01-01T00:00:00Z"),
};
const own = await createLeaf(authority, {
  commonName: "shop.example.eu",
  dnsNames: ["shop.example.eu"],
  ipAddresses: [],
});
const other = await createAuthority(authority);

const defaults: Omit<LoadBalancerArgs, "platform"> = {
  certificates: [{ kind: "managed", domainNames: ["shop.example.eu"] }],
  targetSelector: "role=app",
  maxTargets: 8,
};

async function create(changes: Partial<LoadBalancerArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const { Network } = await import("../network/network.ts");
  const { LoadBalancer } = await import("./load-balancer.ts");
  const platform = {
    name: "shop",
    location: "fsn1",
    network: new Network("shop", { locations: ["fsn1"], roles: ["load-balancer", "app"] }),
    labels: { stack: "shop" },
    isProtected: () => true,
  } as unknown as Platform;
  const balancer = new LoadBalancer("shop-lb", { platform, ...defaults, ...changes }, opts);
  await pulumi.runtime.disconnect();
  return balancer;
}

const inputs = (type: string) => made.filter((r) => r.type.endsWith(`:${type}`)).map((r) => r.inputs);

describe("LoadBalancer", () => {
  test("HTTPS with redirect and health checks, to private addresses only, at its planned address", async () => {
    const balancer = await create();
    expect(balancer.privateAddress).toBe("10.0.0.4");
    expect(inputs("LoadBalancerNetwork")).toMatchObject([{ ip: "10.0.0.4" }]);
    expect(inputs("LoadBalancerTarget")).toMatchObject([
      { type: "label_selector", labelSelector: "role=app", usePrivateIp: true },
    ]);
    const certificate = made.find((r) => r.type.endsWith(":ManagedCertificate"))!;
    expect(inputs("LoadBalancerService")).toMatchObject([
      {
        protocol: "https",
        listenPort: 443,
        destinationPort: 80,
        http: { certificates: [made.indexOf(certificate) + 1], redirectHttp: true },
        healthCheck: { protocol: "http", port: 80, interval: 5, timeout: 3, retries: 2, http: { path: "/healthz" } },
      },
    ]);
    expect(inputs("LoadBalancer").filter((i) => i.loadBalancerType)).toMatchObject([
      { loadBalancerType: "lb11", algorithm: { type: "least_connections" }, deleteProtection: true },
    ]);
  });

  test("certificates bear no fixed name, so that a new one can be made before the old one goes", async () => {
    await create({ certificates: [{ kind: "uploaded", ...own }, ...(defaults.certificates as [])] });
    const [uploaded] = inputs("UploadedCertificate");
    expect(uploaded!.name).toBeUndefined();
    expect(inputs("ManagedCertificate")[0]!.name).toBeUndefined();
    expect(uploaded!.certificate).toBe(own.certificate);
    // What the engine is given as a secret is wrapped.
    expect(uploaded!.privateKey).toMatchObject({ value: own.privateKey });
  });

  test("only what can exist beside its successor is replaced that way", async () => {
    const first: string[] = [];
    const note: pulumi.ResourceTransformation = ({ type, opts }) => {
      if ((opts as pulumi.CustomResourceOptions).deleteBeforeReplace) first.push(type.split(":").at(-1)!);
      return undefined;
    };
    await create({}, { transformations: [note] });
    expect(first.sort()).toEqual(["LoadBalancer", "LoadBalancerNetwork", "LoadBalancerService"]);
  });

  test("plain HTTP only when it is asked for", async () => {
    await create({ certificates: "none" });
    expect(inputs("LoadBalancerService")).toMatchObject([{ protocol: "http", listenPort: 80 }]);
    await expect(create({ certificates: [] })).rejects.toThrow('certificates: none given; for plain HTTP say "none"');
  });

  test("address records for both families lead to every entrance", async () => {
    const entrances = [1, 2].map((n) => ({ ipv4: `192.0.2.${n}`, ipv6: `2001:db8::${n}` }));
    new DnsRecords("shop-dns", { zone: "example.eu", names: ["shop"], entrances });
    await pulumi.runtime.disconnect();
    expect(inputs("ZoneRrset").map(({ name, type, records }) => [name, type, records])).toEqual([
      ["shop", "A", [{ value: "192.0.2.1" }, { value: "192.0.2.2" }]],
      ["shop", "AAAA", [{ value: "2001:db8::1" }, { value: "2001:db8::2" }]],
    ]);
    expect(dnsRecordsProblems({ names: ["no_name", "@"], entrances: [] }).map((p) => p.split(":")[0])).toEqual([
      "names",
      "entrances",
    ]);
  });

  test("each child can be adjusted", async () => {
    await create({
      transform: {
        loadBalancer: (args) => ({ ...args, labels: { mine: "yes" } }),
        service: (args) => ({ ...args, proxyprotocol: true }),
      },
    });
    expect(inputs("LoadBalancerService")[0]!.proxyprotocol).toBe(true);
    expect(inputs("LoadBalancer").some((i) => (i.labels as Record<string, string>)?.mine === "yes")).toBe(true);
  });
});

describe("what is refused", () => {
  const problems = (changes: Partial<LoadBalancerArgs>) => loadBalancerProblems({ ...defaults, ...changes });

  test("nothing of the defaults", () => expect(problems({})).toEqual([]));

  test("everything that is wrong, at once", () => {
    const found = problems({
      type: "lb99" as "lb11",
      algorithm: "random" as "round_robin",
      targetSelector: "",
      healthCheck: { intervalSeconds: 2, timeoutSeconds: 5, retries: 9, path: "health check" },
      certificates: [
        { kind: "managed", domainNames: ["localhost", "a..eu"] },
        { kind: "managed", domainNames: [] },
      ],
    });
    expect(found.map((problem) => problem.split(":")[0])).toEqual([
      "healthCheck.intervalSeconds",
      "healthCheck.retries",
      "healthCheck.timeoutSeconds",
      "healthCheck.path",
      "type",
      "algorithm",
      "targetSelector",
      "certificates[0].domainNames",
      "certificates[0].domainNames",
      "certificates[1].domainNames",
    ]);
  });

  test("more targets or certificates than the type takes", () => {
    expect(problems({ maxTargets: 26 })).toEqual([
      "type: lb11 takes 25 targets, and there may be 26: use a larger one",
    ]);
    const certificates = Array.from({ length: 11 }, () => ({
      kind: "managed" as const,
      domainNames: ["a.example.eu"],
    }));
    expect(problems({ certificates })).toEqual(["certificates: lb11 takes 10, not 11"]);
  });

  test("whatever stands in place of a certificate or key, the error says nothing of it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (junk) => {
        expect(certificateProblems({ kind: "uploaded", certificate: junk, privateKey: "" })).toHaveLength(1);
        expect(privateKeyProblem(own.certificate, junk)).toBe("privateKey: is not an unencrypted PEM private key");
      }),
    );
  });

  test("a key of another certificate", async () => {
    expect(privateKeyProblem(own.certificate, own.privateKey)).toBeUndefined();
    expect(privateKeyProblem(own.certificate, other.privateKey)).toBe("privateKey: is not the key of this certificate");
  });
});

test("a certificate that ends soon is told of", () => {
  expect(certificateWarning(own.certificate, new Date("2035-11-01T00:00:00Z"))).toBeUndefined();
  expect(certificateWarning(own.certificate, new Date("2035-12-22T00:00:00Z"))).toBe(
    "the certificate ends on 2036-01-01, in 10 days",
  );
  expect(certificateWarning(own.certificate, new Date("2036-02-01T00:00:00Z"))).toBe(
    "the certificate ended on 2036-01-01",
  );
});
