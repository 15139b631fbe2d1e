/** A name server as it boots: under systemd, at an address that outlives it, behind both firewalls. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import type { MachineReport } from "../../lab/machines/admin.ts";
import { enterArgv } from "../../lab/machines/enter.ts";
import { describeWithMachines } from "../../lab/machines/testing.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { composeMachine } from "../host/machine.ts";
import { fillSecrets, secretNames } from "../host/secret-token.ts";
import { encodeUserData, renderCloudConfig } from "../host/user-data.ts";
import { nodeExporterRole } from "../monitoring/agents.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { firstAddress } from "./addresses.ts";
import { gatewayRole } from "./role.ts";
import { testSpec } from "./testing.ts";

const here = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
/** Nobody has it. */
const nobody = "198.19.77.77";

describeWithMachines("a name server", () => {
  const project = mkdtempSync(join(tmpdir(), "gateway-machines-"));
  let lab: RunningLab;

  async function call(method: string, path: string, body?: object) {
    const response = await fetch(new URL(path, lab.endpoint), {
      method,
      headers: { Authorization: `Bearer ${lab.secrets.token}`, "Content-Type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = JSON.parse(await response.text());
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async function booted(id: number): Promise<MachineReport> {
    for (;;) {
      const { machines } = (await call("GET", "/_lab/machines")) as { machines: MachineReport[] };
      const machine = machines.find((one) => one.id === id);
      if (machine) expect(machine.failed).toBeNull();
      if (machine?.booted) return machine;
      await sleep(200);
    }
  }

  async function inside(machine: MachineReport, script: string, input = ""): Promise<string> {
    const [program, ...rest] = enterArgv(lab.process.pid, machine.leader!, ["sh", "-c", script]);
    return (await execa(program!, rest, { input })).stdout;
  }

  const create = (name: string, more: object) =>
    call("POST", "/v1/servers", { name, server_type: "cpx22", image: "debian-13", location: "fsn1", ...more });

  async function userData(address: string, network: string, entrance: string): Promise<string> {
    const authority = {
      seed: Buffer.alloc(32, 7),
      name: "test",
      generation: 1,
      notBefore: new Date("2026-01-01T00:00:00Z"),
      notAfter: new Date("2036-01-01T00:00:00Z"),
    };
    const pair = await createLeaf(authority, { commonName: "ns1", dnsNames: ["ns1"], ipAddresses: [] });
    const machine = composeMachine({
      hostname: "gateway",
      roles: [
        nodeExporterRole(),
        gatewayRole({
          ...testSpec,
          nameServers: [{ name: "ns1.shop.example.eu", ipv4: address, ipv6: firstAddress(network) }],
          entrances: [
            { location: "fsn1", ipv4: nobody, isDrained: false },
            { location: "nbg1", ipv4: entrance, isDrained: false },
          ],
          near: [],
        }),
      ],
      privateRange: "10.0.0.0/16",
      ranges: () => ["10.0.4.0/24"],
      // Waited for; there is no private network here.
      privateAddress: `${address}/32`,
    });
    const text = renderCloudConfig(machine.cloudConfig);
    const values: Record<string, string> = {
      "tls.authority": (await createAuthority(authority)).certificate,
      "tls.certificate": pair.certificate,
      "tls.key": pair.privateKey,
    };
    const escaped = secretNames(text).map((name) => [name, JSON.stringify(values[name]).slice(1, -1)]);
    return encodeUserData(fillSecrets(text, Object.fromEntries(escaped)));
  }

  afterAll(async () => {
    await stopLab({ project }, true);
    rmSync(project, { recursive: true, force: true });
  }, 60_000);

  test("answers at its own address, leaves out who is not there, and is back after it was killed", async () => {
    ({ lab } = await startLab({ project, port: 0, actionDuration: 0, machines: { volumeGb: 0.1, uplink: false } }));
    const ip = async (type: string) =>
      (await call("POST", "/v1/primary_ips", { name: type, type, location: "fsn1" })).primary_ip as {
        id: number;
        ip: string;
      };
    const [ipv4, ipv6] = [await ip("ipv4"), await ip("ipv6")];
    const client = (await create("client", {})).server;
    const everywhere = ["0.0.0.0/0", "::/0"];
    const rules = ["udp", "tcp"].map((protocol) => ({ direction: "in", protocol, port: "53", source_ips: everywhere }));
    const { firewall } = await call("POST", "/v1/firewalls", { name: "questions", rules });
    const { server } = await create("gateway", {
      public_net: { ipv4: ipv4.id, ipv6: ipv6.id },
      firewalls: [{ firewall: firewall.id }],
      user_data: await userData(ipv4.ip, ipv6.ip, client.public_net.ipv4.ip),
    });
    expect(server.public_net.ipv4.ip).toBe(ipv4.ip);
    const [outside, gateway] = [await booted(client.id), await booted(server.id)];
    expect(gateway.failedUnits).toEqual([]);

    await inside(outside, "cat > /ask.py", here("testing-ask.py"));
    await inside(outside, "cat > /healthz.py", here("testing-healthz.py"));
    const ask = (question: string) => inside(outside, `python3 /ask.py --server ${ipv4.ip} ${question}`);
    await inside(
      outside,
      `openssl req -x509 -newkey ed25519 -nodes -keyout /key.pem -out /cert.pem -days 2 -subj /CN=other.example.eu 2>/dev/null
      cat /key.pem /cert.pem > /healthz.pem
      systemd-run --quiet --unit=healthz python3 /healthz.py ${client.public_net.ipv4.ip}`,
    );
    const there = `${client.public_net.ipv4.ip}/5`;
    expect(await ask(`shop.example.eu A --until ${there}`)).toBe(`NOERROR aa ${there}`);
    expect(await ask("shop.example.eu A --tcp")).toBe(`NOERROR aa ${there}`);
    expect(await inside(outside, `python3 /ask.py --server ${firstAddress(ipv6.ip)} shop.example.eu A`)).toBe(
      `NOERROR aa ${there}`,
    );
    expect(
      await inside(outside, `curl -s -m 2 -o /dev/null -w '%{http_code}' http://${ipv4.ip}:8053/metrics || true`),
    ).toBe("000");

    await inside(gateway, "systemctl kill -s KILL pdns.service");
    expect(await ask(`shop.example.eu A --until ${there}`)).toBe(`NOERROR aa ${there}`);
    const metrics = "/var/lib/prometheus/node-exporter/dns.prom";
    await inside(gateway, `until grep -q 'entrance="nbg1",family="ipv4"} 1' ${metrics}; do sleep 0.5; done`);
    expect((await inside(gateway, `grep -v '^#' ${metrics}`)).split("\n")).toEqual([
      "sovereign_dns_answers 1",
      'sovereign_dns_entrance_up{entrance="fsn1",family="ipv4"} 0',
      'sovereign_dns_entrance_up{entrance="nbg1",family="ipv4"} 1',
    ]);
    expect(await inside(gateway, "systemctl show -p User,ProtectSystem pdns.service")).toBe(
      "User=pdns\nProtectSystem=strict",
    );
    expect(await inside(gateway, "systemctl --failed --no-legend")).toBe("");
  });
});
