import { createServer, type Server } from "node:http";
import { request as requestTls } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { issue } from "../../../api/kinds/certificates/pem.ts";
import { CERTIFICATES, type CertificateRecord, privateKeyBlob } from "../../../api/model-traffic.ts";
import { openTestLab, type TestLab } from "../../../api/testing.ts";
import { labView } from "../../../api/view.ts";
import { describeWithDebian } from "../../../debian/testing.ts";
import type { LabService } from "../service.ts";
import { eventually, type TestNamespace, testNamespace } from "../testing.ts";
import { loadBalancers } from "./load-balancers.ts";

const PORT = 18_080;

/** A target: answers with its name and what it was asked; its health can be changed. */
async function target(name: string, address: string, closing: (() => void)[]) {
  const state = { health: 200, delayMs: 0, asked: [] as string[] };
  const server: Server = createServer(async (request, response) => {
    if (request.url === "/healthz") {
      await sleep(state.delayMs);
      response.writeHead(state.health, { "x-host": request.headers.host ?? "" }).end(`all is well at ${name}\n`);
      state.asked.push(request.headers.host ?? "");
      return;
    }
    if (request.url === "/slow") await sleep(1500);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name, headers: request.headers }));
  });
  await new Promise<void>((resolve) => server.listen(PORT, address, resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return state;
}

describeWithDebian("load balancers", (debian) => {
  let lab: TestLab;
  let place: TestNamespace;
  let service: LabService;
  let closing: (() => void)[];
  let logged: string[];

  beforeEach(async () => {
    lab = openTestLab();
    closing = [];
    logged = [];
    place = await testNamespace();
    const { netns } = place;
    service = loadBalancers({
      view: labView(lab.lab),
      network: { ensureLoadBalancer: async () => ({ netns }), services: { netns } },
      tree: debian.tree(),
      log: (line) => logged.push(line),
    });
    lab.lab.store.onCommit(service.changed);
    await service.start();
  });
  afterEach(async () => {
    await service.stop();
    for (const close of closing) close();
    await place.close();
    lab.close();
  });

  const check = { protocol: "http", port: PORT, interval: 3, timeout: 1, retries: 1, http: { path: "/healthz" } };
  const http = { protocol: "http", listen_port: 80, destination_port: PORT, health_check: check };

  async function balancer(services: object[], ips: readonly string[], more: object = {}): Promise<number> {
    const { body } = await lab.post("/load_balancers", {
      name: "shop",
      load_balancer_type: "lb11",
      location: "fsn1",
      services,
      targets: ips.map((ip) => ({ type: "ip", ip: { ip } })),
      ...more,
    });
    expect(body.error).toBeUndefined();
    return body.load_balancer.id;
  }
  const health = async (id: number) => {
    const { body } = await lab.get(`/load_balancers/${id}`);
    return Object.fromEntries(
      body.load_balancer.targets.map((one: { ip: { ip: string }; health_status: { status: string }[] }) => [
        one.ip.ip,
        one.health_status.map(({ status }) => status).join(),
      ]),
    );
  };
  const healthy = (id: number, ...ips: string[]) =>
    eventually(
      () => health(id),
      (found) => ips.every((ip) => found[ip] === "healthy"),
    );
  const get = async (path = "/", init: RequestInit = {}, port = 80) => {
    const response = await fetch(`http://${place.address}:${port}${path}`, { redirect: "manual", ...init });
    const text = await response.text();
    return { response, body: text.startsWith("{") ? JSON.parse(text) : text };
  };

  test("requests go round robin to healthy targets, with the provider's headers, and health is told", async () => {
    const [first, second] = [place.here, place.alsoHere[0]!];
    const one = await target("one", first, closing);
    const two = await target("two", second, closing);
    two.health = 503;
    const id = await balancer([http], [first, second]);
    await healthy(id, first);
    await eventually(
      () => health(id),
      (found) => found[second] === "unhealthy",
    );
    const names = [];
    for (let n = 0; n < 4; n++) names.push((await get()).body.name);
    expect(names).toEqual(["one", "one", "one", "one"]);

    two.health = 200;
    await healthy(id, second);
    const both = new Set();
    for (let n = 0; n < 4; n++) both.add((await get()).body.name);
    expect([...both].sort()).toEqual(["one", "two"]);
    const { headers } = (await get("/", { headers: { "x-forwarded-proto": "https" } })).body;
    expect(headers["x-forwarded-for"]).toBe(place.here);
    expect(headers["x-forwarded-proto"]).toBe("http");
    expect(headers["x-forwarded-port"]).toBe("80");
    expect(one.asked.at(-1)).toBe(first);
    expect(logged).toEqual([]);
  });

  test("targets come and go without a failed request, and one that works on a request ends it", async () => {
    const [first, second] = [place.here, place.alsoHere[0]!];
    await target("one", first, closing);
    await target("two", second, closing);
    const id = await balancer([http], [first]);
    await healthy(id, first);
    let stop = false;
    const statuses: number[] = [];
    const load = Promise.all(
      [1, 2, 3].map(async () => {
        while (!stop) statuses.push((await get()).response.status);
      }),
    );
    const slow = get("/slow");
    await sleep(100);
    await lab.post(`/load_balancers/${id}/actions/add_target`, { type: "ip", ip: { ip: second } });
    await healthy(id, second);
    await lab.post(`/load_balancers/${id}/actions/remove_target`, { type: "ip", ip: { ip: first } });
    const names = async () => new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(async () => (await get()).body.name)));
    await eventually(names, (found) => found.size === 1 && found.has("two"));
    expect([...(await names())]).toEqual(["two"]);
    // Again, with a change that only a reload brings.
    await lab.post(`/load_balancers/${id}/actions/add_target`, { type: "ip", ip: { ip: first } });
    await lab.post(`/load_balancers/${id}/actions/change_algorithm`, { type: "least_connections" });
    await healthy(id, first);
    expect((await slow).body.name).toBe("one");
    stop = true;
    await load;
    expect(statuses.length).toBeGreaterThan(20);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(logged).toEqual([]);
  });

  test("a target that has not proved healthy gets no request, neither when it is added nor after a reload", async () => {
    const [first, second] = [place.here, place.alsoHere[0]!];
    await target("one", first, closing);
    const two = await target("two", second, closing);
    two.health = 503;
    two.delayMs = 500;
    const id = await balancer([http], [first]);
    await healthy(id, first);
    let stop = false;
    const names = new Set<string>();
    const load = (async () => {
      while (!stop) names.add((await get()).body.name);
    })();
    await lab.post(`/load_balancers/${id}/actions/add_target`, { type: "ip", ip: { ip: second } });
    await eventually(
      () => health(id),
      (found) => found[second] === "unhealthy",
    );
    for (const type of ["least_connections", "round_robin", "least_connections"]) {
      await lab.post(`/load_balancers/${id}/actions/change_algorithm`, { type });
      await sleep(700);
    }
    stop = true;
    await load;
    expect([...names]).toEqual(["one"]);
  });

  test("status codes, the response's text and the domain decide about health", async () => {
    const [first] = [place.here];
    const one = await target("one", first, closing);
    one.health = 418;
    const rules = { path: "/healthz", domain: "shop.example.eu", status_codes: ["4??"], response: "is well at 'one" };
    const id = await balancer([{ ...http, health_check: { ...check, http: rules } }], [first]);
    await eventually(
      () => health(id),
      (found) => found[first] === "unhealthy",
    );
    const better = { listen_port: 80, health_check: { http: { response: "is well at one" } } };
    const { body } = await lab.post(`/load_balancers/${id}/actions/update_service`, better);
    expect(body.error).toBeUndefined();
    await healthy(id, first);
    expect(one.asked.at(-1)).toBe("shop.example.eu");
  });

  test("sticky sessions stay with their target", async () => {
    const ips = [place.here, place.alsoHere[0]!];
    await target("one", ips[0]!, closing);
    await target("two", ips[1]!, closing);
    const sticky = { sticky_sessions: true, cookie_name: "SHOP", cookie_lifetime: 60 };
    const id = await balancer([{ ...http, http: sticky }], ips);
    await healthy(id, ...ips);
    const { response, body } = await get();
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^SHOP=\w+; .*Max-Age=60/);
    for (let n = 0; n < 4; n++) {
      expect((await get("/", { headers: { cookie: cookie.split(";")[0]! } })).body.name).toBe(body.name);
    }
  });

  test("https ends at the load balancer, with the certificate that the name wants, and http is redirected", async () => {
    await target("one", place.here, closing);
    const certificates = [];
    for (const name of ["a.example.eu", "b.example.eu"]) {
      const { certificate, privateKey } = await issue([name], new Date());
      const { body } = await lab.post("/certificates", { name, certificate, private_key: privateKey });
      certificates.push({ id: body.certificate.id as number, certificate });
    }
    const https = { ...http, protocol: "https", listen_port: 443 };
    const withTls = { certificates: certificates.map(({ id }) => id), redirect_http: true };
    const id = await balancer([{ ...https, http: withTls }], [place.here]);
    await healthy(id, place.here);
    const secure = (servername: string, ca: string) =>
      new Promise<string>((resolve, reject) => {
        const options = { host: place.address, servername, ca, agent: false, headers: { host: servername } };
        requestTls(options, (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve(text));
        })
          .on("error", reject)
          .end();
      });
    const { headers } = JSON.parse(await secure("a.example.eu", certificates[0]!.certificate));
    expect(headers["x-forwarded-proto"]).toBe("https");
    expect(headers["x-forwarded-port"]).toBe("443");
    expect(JSON.parse(await secure("b.example.eu", certificates[1]!.certificate)).name).toBe("one");
    await expect(secure("b.example.eu", certificates[0]!.certificate)).rejects.toThrow(/self-signed|altname/i);
    const { response } = await get("/cart?item=1", { headers: { host: "a.example.eu" } });
    expect(response.status).toBe(301);
    expect(response.headers.get("location")).toMatch(/^https:\/\/.*\/cart\?item=1$/);
  });

  test("a configuration that the proxy refuses is told, and what was served goes on", async () => {
    await target("one", place.here, closing);
    const id = await balancer([http], [place.here]);
    await healthy(id, place.here);
    const { certificate } = await issue(["a.example.eu"], new Date());
    const { privateKey } = await issue(["a.example.eu"], new Date());
    lab.lab.store.transaction(() => {
      const broken = { id: 77, type: "uploaded", issued: { certificate }, domain_names: [], name: "broken" };
      lab.lab.store.insert(CERTIFICATES, broken as unknown as CertificateRecord);
      lab.lab.store.putBlob(privateKeyBlob(77), privateKey);
    });
    const https = { protocol: "https", listen_port: 443, destination_port: PORT, http: { certificates: [77] } };
    await lab.post(`/load_balancers/${id}/actions/add_service`, https);
    await eventually(
      () => logged.join("\n"),
      (lines) => lines.includes("refused its new configuration"),
    );
    expect(logged.join("\n")).not.toContain("PRIVATE KEY");
    expect((await get()).body.name).toBe("one");
    await lab.post(`/load_balancers/${id}/actions/delete_service`, { listen_port: 443 });
    await lab.post(`/load_balancers/${id}/actions/change_algorithm`, { type: "least_connections" });
    await sleep(300);
    expect((await get()).body.name).toBe("one");
  });

  test("tcp passes bytes, with the client's address by the PROXY protocol", async () => {
    const seen: string[] = [];
    const server = createTcpServer((socket: Socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        seen.push(chunk.toString());
        // The header and what the client says may come apart.
        if (chunk.toString().endsWith("ping\n")) socket.write("pong\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, place.here, resolve));
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const tcp = { protocol: "tcp", listen_port: 5432, destination_port: port, proxyprotocol: true };
    const tcpCheck = { protocol: "tcp", port, interval: 3, timeout: 1, retries: 1 };
    const id = await balancer([{ ...tcp, health_check: tcpCheck }], [place.here]);
    await healthy(id, place.here);
    const answer = await new Promise<string>((resolve, reject) => {
      const client = connect(5432, place.address, () => client.write("ping\n"));
      client.on("data", (chunk) => {
        resolve(chunk.toString());
        client.destroy();
      });
      client.on("error", reject);
    });
    expect(answer).toBe("pong\n");
    expect(seen.join("")).toMatch(new RegExp(`PROXY TCP4 ${place.here} ${place.address} \\d+ 5432\\r\\nping\\n$`));
  });

  test("a proxy that died is brought back, one whose load balancer is deleted ends", async () => {
    await target("one", place.here, closing);
    const id = await balancer([http], [place.here]);
    await healthy(id, place.here);
    expect((await get()).body.name).toBe("one");
    const { stdout } = await execa("ip", ["netns", "pids", basename(place.netns)]);
    // With the first of them others may be gone.
    await execa("kill", ["-KILL", ...stdout.split("\n")], { reject: false });
    await eventually(
      () =>
        get().then(
          ({ response }) => response.status,
          () => 0,
        ),
      (status) => status === 200,
    );
    expect(logged.join()).toContain("HAProxy ended");
    await lab.delete(`/load_balancers/${id}`);
    await eventually(
      () =>
        get().then(
          () => "answers",
          () => "refused",
        ),
      (state) => state === "refused",
    );
  });
});
