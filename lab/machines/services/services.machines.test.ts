import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labFiles } from "../../session/files.ts";
import { type RunningLab, startLab, stopLab } from "../../session/session.ts";
import type { MachineReport } from "../admin.ts";
import { enterArgv } from "../enter.ts";
import { serviceFiles } from "../lab-services.ts";
import { SERVICE_ADDRESSES } from "../network/names.ts";
import { describeWithMachines } from "../testing.ts";
import { ensureLabBucket, putLabObject } from "./object-storage/publish.ts";
import { eventually } from "./testing.ts";
import { readAlerts } from "./webhook/alerts.ts";

/** A web server that names itself. */
const userData = `#cloud-config
${JSON.stringify({
  write_files: [{ path: "/var/www/html/index.html", content: "from the machine\n" }],
  runcmd: ["systemctl enable --now nginx"],
})}
`;

describeWithMachines("services of a lab with machines", () => {
  const project = mkdtempSync(join(tmpdir(), "lab-services-"));
  let lab: RunningLab;
  let server: number;
  let balancer: { id: number; ip: string };

  async function call(method: string, path: string, body?: object) {
    const response = await fetch(new URL(path, lab.endpoint), {
      method,
      headers: { Authorization: `Bearer ${lab.secrets.token}`, "Content-Type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape; the assertions are their types
    const answer: any = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Runs a command in the machine. */
  async function inside(...argv: string[]): Promise<string> {
    const { machines } = (await call("GET", "/_lab/machines")) as { machines: MachineReport[] };
    const leader = machines.find(({ id }) => id === server)?.leader;
    if (!leader) throw new Error("the machine is off");
    const [file, ...rest] = enterArgv(lab.process.pid, leader, argv);
    return (await execa(file!, rest, { timeout: 30_000 })).stdout;
  }

  const health = async () =>
    (await call("GET", `/v1/load_balancers/${balancer.id}`)).load_balancer.targets[0].health_status[0].status;
  const healthy = (wanted: string) => eventually(health, (status) => status === wanted, 60_000);

  beforeAll(async () => {
    ({ lab } = await startLab({ project, port: 0, actionDuration: 0, machines: { uplink: false } }));
    const subnets = [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }];
    const { network } = await call("POST", "/v1/networks", { name: "private", ip_range: "10.0.0.0/16", subnets });
    const machine = {
      name: "web-1",
      server_type: "cpx22",
      location: "fsn1",
      image: "debian-13",
      networks: [network.id],
    };
    server = (await call("POST", "/v1/servers", { ...machine, user_data: userData })).server.id;
    const health_check = { protocol: "http", port: 80, interval: 3, timeout: 1, retries: 1, http: { path: "/" } };
    const { load_balancer } = await call("POST", "/v1/load_balancers", {
      name: "shop",
      load_balancer_type: "lb11",
      location: "fsn1",
      network: network.id,
      services: [{ protocol: "http", listen_port: 80, destination_port: 80, health_check }],
      targets: [{ type: "server", server: { id: server }, use_private_ip: true }],
    });
    balancer = { id: load_balancer.id, ip: load_balancer.public_net.ipv4.ip };
  }, 180_000);
  afterAll(async () => {
    await stopLab({ project }, true);
    rmSync(project, { recursive: true, force: true });
  });

  test("a load balancer finds its machine healthy, serves it at its public address, and notices when it stops", async () => {
    await healthy("healthy");
    expect(await inside("curl", "-sS", "--max-time", "5", `http://${balancer.ip}/`)).toBe("from the machine");
    await inside("systemctl", "stop", "nginx");
    await healthy("unhealthy");
    await inside("systemctl", "start", "nginx");
    await healthy("healthy");
  });

  test("machines resolve the API's zones and the object storage, and nothing else", async () => {
    await call("POST", "/v1/zones", { name: "example.eu", mode: "primary" });
    const records = [{ value: balancer.ip }];
    await call("POST", "/v1/zones/example.eu/rrsets", { name: "shop", type: "A", records });
    await eventually(
      () => inside("getent", "ahostsv4", "shop.example.eu").catch(() => ""),
      (found) => found.startsWith(balancer.ip),
    );
    expect(await inside("getent", "ahostsv4", "nbg1.your-objectstorage.com")).toContain(
      SERVICE_ADDRESSES.objectStorage.nbg1,
    );
    await expect(inside("getent", "ahostsv4", "debian.org")).rejects.toThrow();
  });

  test("a release is fetched by https with the system's own trust, also after an outage", async () => {
    const bucket = { location: "fsn1", name: "shop-releases", isPublic: true } as const;
    await ensureLabBucket(lab, bucket);
    const url = await putLabObject(lab, bucket, { key: "shop.tar.gz", body: Buffer.from("archive") });
    expect(await inside("curl", "-sS", "--max-time", "5", url)).toBe("archive");
    const { origin } = new URL(lab.endpoint);
    const turn = (verb: string) =>
      fetch(`${origin}/_lab/services/object-storage/fsn1/${verb}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${lab.secrets.token}` },
      });
    expect((await turn("stop")).status).toBe(204);
    await expect(inside("curl", "-sS", "--max-time", "5", url)).rejects.toThrow("Failed to connect");
    expect((await turn("start")).status).toBe(204);
    expect(await inside("curl", "-sS", "--max-time", "5", url)).toBe("archive");
  });

  test("an alert posted from a machine is recorded in the lab's folder", async () => {
    const alert = { status: "firing", labels: { alertname: "Down" }, startsAt: "2026-11-22T12:00:00Z" };
    const body = JSON.stringify({ receiver: "team", alerts: [alert] });
    await inside("curl", "-sS", "--fail", "--data", body, `http://${SERVICE_ADDRESSES.webhook}/team`);
    const { alerts } = serviceFiles(labFiles(project, lab.name).folder);
    expect(readAlerts(alerts)).toMatchObject([{ status: "firing", labels: { alertname: "Down" }, path: "/team" }]);
  });
});
