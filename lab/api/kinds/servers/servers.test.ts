import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab({ actionDuration: 100 });
});
afterEach(() => lab.close());

const basic = { name: "a", server_type: "cpx22", image: "debian-13", location: "fsn1" };

async function createServer(more: object = {}) {
  const { status, body } = await lab.post("/servers", { ...basic, ...more });
  expect(body.error ?? status).toBe(201);
  lab.pass(1000);
  return (await lab.get(`/servers/${body.server.id}`)).body.server;
}

async function act(id: number, action: string, body: object = {}) {
  const answer = await lab.post(`/servers/${id}/actions/${action}`, body);
  lab.pass(1000);
  return answer;
}

const codeOf = ({ body }: { body: { error?: { code: string } } }) => body.error?.code;
const fieldOf = ({ body }: { body: { error?: { details: { fields: { name: string }[] } } } }) =>
  body.error?.details.fields[0]?.name;

describe("creation", () => {
  test("a server passes through initializing and starting to running, locked meanwhile", async () => {
    const { status, body } = await lab.post("/servers", basic);
    expect(status).toBe(201);
    const { id } = body.server;
    const seen = async () => {
      const { server } = (await lab.get(`/servers/${id}`)).body;
      return [server.status, server.locked];
    };
    expect(body.action).toMatchObject({ command: "create_server", status: "running", progress: 0, error: null });
    expect(body.next_actions).toMatchObject([{ command: "start_server", status: "running" }]);
    expect(await seen()).toEqual(["initializing", true]);
    lab.pass(100);
    expect(await seen()).toEqual(["starting", true]);
    lab.pass(100);
    expect(await seen()).toEqual(["running", false]);
    const { actions } = (await lab.get(`/actions?id=${body.action.id}&id=${body.next_actions[0].id}`)).body;
    expect(actions.map((action: { status: string; progress: number }) => [action.status, action.progress])).toEqual([
      ["success", 100],
      ["success", 100],
    ]);
  });

  test("start_after_create: false ends in off", async () => {
    expect((await createServer({ start_after_create: false })).status).toBe("off");
  });

  test("a name is a unique hostname", async () => {
    await createServer();
    expect(codeOf(await lab.post("/servers", basic))).toBe("uniqueness_error");
    for (const name of ["a_b", "-a", "a-", "a..b", "ä", "x".repeat(64)]) {
      expect([name, fieldOf(await lab.post("/servers", { ...basic, name }))]).toEqual([name, "name"]);
    }
  });

  test.each([
    ["server_type", { server_type: "cpx999" }],
    ["image", { image: "debian-99" }],
    ["image", { server_type: "cpx22", image: 101 }],
    ["location", { location: "mars" }],
    ["location", { server_type: "cx23", location: "ash" }],
    ["datacenter", { datacenter: "fsn1-dc14" }],
    ["ssh_keys", { ssh_keys: ["nobody"] }],
    ["networks", { networks: [1] }],
    ["volumes", { volumes: [1] }],
    ["public_net.ipv4", { public_net: { enable_ipv4: true, ipv4: 1 } }],
    ["public_net", { public_net: { enable_ipv4: false, enable_ipv6: false } }],
    ["user_data", { user_data: "x".repeat(32 * 1024 + 1) }],
    ["user_data", { user_data: "ä".repeat(16 * 1024 + 1) }],
    ["labels", { labels: { "-bad": "x" } }],
    ["labels", { labels: { good: "not good!" } }],
  ])("what does not fit is invalid_input in %s: %.60j", async (field, more) => {
    const answer = await lab.post("/servers", { ...basic, ...more });
    expect([answer.status, codeOf(answer), fieldOf(answer)]).toEqual([422, "invalid_input", field]);
    expect((await lab.get("/_lab/state")).body.counts).toMatchObject({ servers: 0, primary_ips: 0, actions: 0 });
  });

  test("a type that is sold out is resource_unavailable", async () => {
    const answer = await lab.post("/servers", { ...basic, server_type: "cx23" });
    expect([answer.status, codeOf(answer)]).toEqual([412, "resource_unavailable"]);
  });

  test("32 KiB of user data are taken, kept for the driver, and never shown", async () => {
    const user_data = `#cloud-config\n# ${"s3cret".repeat(5000)}`;
    const server = await createServer({ user_data });
    expect(JSON.stringify(server)).not.toContain("s3cret");
    expect(lab.lab.store.blob(`servers/${server.id}/user_data`)).toBe(user_data);
  });

  test("a root password is given only without SSH keys", async () => {
    const public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    const key = (await lab.post("/ssh_keys", { name: "k", public_key })).body.ssh_key;
    const without = await lab.post("/servers", basic);
    const withKey = await lab.post("/servers", { ...basic, name: "b", ssh_keys: [key.id] });
    expect(without.body.root_password).toMatch(/^\S{16,}$/);
    expect(withKey.body.root_password).toBeNull();
  });

  test("everything that is asked for is attached", async () => {
    const volume = (await lab.post("/volumes", { name: "v", size: 10, location: "fsn1" })).body.volume;
    const ip = (await lab.post("/primary_ips", { name: "ip", type: "ipv4", location: "fsn1" })).body.primary_ip;
    const group = (await lab.post("/placement_groups", { name: "g", type: "spread" })).body.placement_group;
    const firewall = (await lab.post("/firewalls", { name: "f" })).body.firewall;
    const network = (
      await lab.post("/networks", {
        name: "n",
        ip_range: "10.0.0.0/16",
        subnets: [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }],
      })
    ).body.network;
    lab.pass(1000);
    const server = await createServer({
      volumes: [volume.id],
      networks: [network.id],
      firewalls: [{ firewall: firewall.id }],
      placement_group: group.id,
      public_net: { enable_ipv4: true, enable_ipv6: false, ipv4: ip.id },
    });
    expect(server).toMatchObject({
      volumes: [volume.id],
      private_net: [{ network: network.id, ip: "10.0.1.1", alias_ips: [] }],
      public_net: { ipv4: { id: ip.id, ip: ip.ip }, ipv6: null, firewalls: [{ id: firewall.id, status: "applied" }] },
      placement_group: { id: group.id, servers: [server.id] },
    });
    expect((await lab.get(`/networks/${network.id}`)).body.network.servers).toEqual([server.id]);
    expect((await lab.get(`/volumes/${volume.id}`)).body.volume).toMatchObject({
      server: server.id,
      linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
    });

    expect((await lab.delete(`/servers/${server.id}`)).body.action.command).toBe("delete_server");
    expect((await lab.get(`/volumes/${volume.id}`)).body.volume.server).toBeNull();
    expect((await lab.get(`/primary_ips/${ip.id}`)).body.primary_ip.assignee_id).toBeNull();
    expect((await lab.get(`/firewalls/${firewall.id}`)).body.firewall.applied_to).toEqual([]);
    expect((await lab.get(`/placement_groups/${group.id}`)).body.placement_group.servers).toEqual([]);
    expect((await lab.get(`/networks/${network.id}`)).body.network.servers).toEqual([]);
  });

  test("what is in another location is not attached", async () => {
    const volume = (await lab.post("/volumes", { name: "v", size: 10, location: "nbg1" })).body.volume;
    const ip = (await lab.post("/primary_ips", { name: "ip", type: "ipv4", location: "nbg1" })).body.primary_ip;
    const network = (
      await lab.post("/networks", {
        name: "n",
        ip_range: "10.0.0.0/16",
        subnets: [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "us-east" }],
      })
    ).body.network;
    lab.pass(1000);
    expect(codeOf(await lab.post("/servers", { ...basic, volumes: [volume.id] }))).toBe("invalid_input");
    expect(codeOf(await lab.post("/servers", { ...basic, public_net: { ipv4: ip.id } }))).toBe("invalid_input");
    expect(codeOf(await lab.post("/servers", { ...basic, networks: [network.id] }))).toBe("no_subnet_available");
  });

  test("without a location the server goes where its volume is", async () => {
    const volume = (await lab.post("/volumes", { name: "v", size: 10, location: "hel1" })).body.volume;
    lab.pass(1000);
    expect((await createServer({ location: undefined, volumes: [volume.id] })).location.name).toBe("hel1");
  });

  test("the eleventh server of a spread group is a placement_error", async () => {
    const group = (await lab.post("/placement_groups", { name: "g", type: "spread" })).body.placement_group;
    for (let i = 0; i < 10; i++) await createServer({ name: `s${i}`, placement_group: group.id });
    const eleventh = await lab.post("/servers", { ...basic, placement_group: group.id });
    expect([eleventh.status, codeOf(eleventh)]).toEqual([412, "placement_error"]);
  });
});

describe("actions", () => {
  test("a second action on a locked server is refused with 423, and so is deletion", async () => {
    const { id } = await createServer();
    await lab.post(`/servers/${id}/actions/poweroff`);
    const second = await lab.post(`/servers/${id}/actions/poweron`);
    expect([second.status, codeOf(second)]).toEqual([423, "locked"]);
    expect(codeOf(await lab.delete(`/servers/${id}`))).toBe("locked");
    lab.pass(100);
    expect((await lab.get(`/servers/${id}`)).body.server).toMatchObject({ status: "off", locked: false });
  });

  test("power actions end in the right status", async () => {
    const { id } = await createServer();
    const status = async () => (await lab.get(`/servers/${id}`)).body.server.status;
    for (const [action, expected] of [
      ["shutdown", "off"],
      ["poweron", "running"],
      ["reboot", "running"],
      ["poweroff", "off"],
      ["reset", "running"],
    ] as const) {
      expect((await act(id, action)).status).toBe(201);
      expect([action, await status()]).toEqual([action, expected]);
    }
  });

  test("the type changes only when the server is off, and never to a smaller disk", async () => {
    const { id } = await createServer({ server_type: "ccx23" });
    expect(codeOf(await act(id, "change_type", { server_type: "ccx33", upgrade_disk: true }))).toBe(
      "server_not_stopped",
    );
    await act(id, "poweroff");
    expect(codeOf(await act(id, "change_type", { server_type: "cax31", upgrade_disk: true }))).toBe(
      "invalid_server_type",
    );
    expect(codeOf(await act(id, "change_type", { server_type: "cpx12", upgrade_disk: true }))).toBe(
      "invalid_server_type",
    );
    expect((await act(id, "change_type", { server_type: "ccx33", upgrade_disk: false })).status).toBe(201);
    const kept = (await lab.get(`/servers/${id}`)).body.server;
    expect(kept).toMatchObject({ server_type: { name: "ccx33" }, status: "running" });
    expect(kept.primary_disk_size).toBeLessThan(kept.server_type.disk);
    await act(id, "poweroff");
    await act(id, "change_type", { server_type: "ccx43", upgrade_disk: true });
    const grown = (await lab.get(`/servers/${id}`)).body.server;
    expect(grown.primary_disk_size).toBe(grown.server_type.disk);
  });

  test("protection must be the same for delete and rebuild, and holds", async () => {
    const { id } = await createServer();
    expect(codeOf(await act(id, "change_protection", { delete: true }))).toBe("invalid_input");
    await act(id, "change_protection", { delete: true, rebuild: true });
    const deletion = await lab.delete(`/servers/${id}`);
    expect([deletion.status, codeOf(deletion)]).toEqual([423, "protected"]);
    expect(codeOf(await act(id, "rebuild", { image: "debian-12" }))).toBe("protected");
    await act(id, "change_protection", { delete: false, rebuild: false });
    expect((await lab.delete(`/servers/${id}`)).status).toBe(200);
  });

  test("networks: wanted address, aliases, twice, unknown, detach", async () => {
    const { id } = await createServer();
    const make = async (name: string, ip_range: string) =>
      (
        await lab.post("/networks", {
          name,
          ip_range,
          subnets: [{ type: "cloud", ip_range: ip_range.replace("/16", "/24"), network_zone: "eu-central" }],
        })
      ).body.network.id;
    const network = await make("n", "10.0.0.0/16");
    const overlapping = await make("o", "10.0.0.0/16");
    lab.pass(1000);
    const wish = { network, ip: "10.0.0.7", alias_ips: ["10.0.0.8"] };
    expect((await act(id, "attach_to_network", wish)).status).toBe(201);
    expect((await lab.get(`/servers/${id}`)).body.server.private_net).toMatchObject([
      { network, ip: "10.0.0.7", alias_ips: ["10.0.0.8"] },
    ]);
    expect(codeOf(await act(id, "attach_to_network", { network }))).toBe("server_already_attached");
    expect(codeOf(await act(id, "attach_to_network", { network: overlapping }))).toBe("networks_overlap");
    expect(codeOf(await act(id, "attach_to_network", { network: 1 }))).toBe("invalid_input");
    const changed = await act(id, "change_alias_ips", { network, alias_ips: ["10.0.0.8", "10.0.0.9"] });
    expect(changed.status).toBe(201);
    expect(codeOf(await act(id, "change_alias_ips", { network, alias_ips: ["10.0.0.7"] }))).toBe("ip_not_available");
    await act(id, "detach_from_network", { network });
    expect((await lab.get(`/servers/${id}`)).body.server.private_net).toEqual([]);
  });

  test("a snapshot is made, becomes available and can be the image of another server", async () => {
    const { id } = await createServer();
    const made = await lab.post(`/servers/${id}/actions/create_image`, { description: "before", labels: { a: "b" } });
    expect(made.body.image).toMatchObject({ type: "snapshot", status: "creating", description: "before" });
    expect(fieldOf(await lab.post("/servers", { ...basic, name: "b", image: made.body.image.id }))).toBe("image");
    lab.pass(1000);
    const copy = await createServer({ name: "b", image: String(made.body.image.id), server_type: "cpx32" });
    expect(copy.image).toMatchObject({ id: made.body.image.id, status: "available", created_from: { id } });
    expect((await lab.delete(`/images/${made.body.image.id}`)).status).toBe(204);
    expect((await lab.get(`/servers/${copy.id}`)).body.server.image).toBeNull();
  });

  test("backups need to be enabled, belong to the server and go with it", async () => {
    const { id } = await createServer();
    expect(codeOf(await act(id, "create_image", { type: "backup" }))).toBe("invalid_input");
    await act(id, "enable_backup");
    expect((await lab.get(`/servers/${id}`)).body.server.backup_window).toBe("22-02");
    await act(id, "create_image", { type: "backup" });
    expect((await lab.get(`/images?bound_to=${id}`)).body.images).toHaveLength(1);
    await lab.delete(`/servers/${id}`);
    expect((await lab.get("/images?type=backup")).body.images).toEqual([]);
  });

  test("rebuild changes the image; rescue lasts for one boot; consoles and passwords are given", async () => {
    const { id } = await createServer();
    await act(id, "rebuild", { image: "ubuntu-24.04" });
    expect((await act(id, "enable_rescue", { type: "linux64" })).body.root_password).toMatch(/\S/);
    expect((await lab.get(`/servers/${id}`)).body.server).toMatchObject({
      image: { name: "ubuntu-24.04" },
      status: "running",
      rescue_enabled: true,
    });
    await act(id, "reset");
    expect((await lab.get(`/servers/${id}`)).body.server.rescue_enabled).toBe(false);
    expect((await act(id, "request_console")).body).toMatchObject({ wss_url: expect.stringMatching(/^wss:/) });
    expect((await act(id, "reset_password")).body.root_password).toMatch(/\S/);
    expect(codeOf(await act(id, "attach_iso", { iso: "some.iso" }))).toBe("not_found");
  });

  test("placement groups are joined only when off, and left", async () => {
    const { id } = await createServer();
    const { id: group } = (await lab.post("/placement_groups", { name: "g", type: "spread" })).body.placement_group;
    expect(codeOf(await act(id, "add_to_placement_group", { placement_group: group }))).toBe("server_not_stopped");
    await act(id, "poweroff");
    expect((await act(id, "add_to_placement_group", { placement_group: group })).status).toBe(201);
    expect(codeOf(await lab.delete(`/placement_groups/${group}`))).toBe("resource_in_use");
    expect((await act(id, "remove_from_placement_group")).status).toBe(201);
    expect((await lab.delete(`/placement_groups/${group}`)).status).toBe(204);
  });

  test("reverse DNS of both addresses", async () => {
    const server = await createServer();
    const { ipv4, ipv6 } = server.public_net;
    await act(server.id, "change_dns_ptr", { ip: ipv4.ip, dns_ptr: "a.example.com" });
    const address = ipv6.ip.replace("::/64", "::5");
    await act(server.id, "change_dns_ptr", { ip: address, dns_ptr: "six.example.com" });
    expect((await lab.get(`/servers/${server.id}`)).body.server.public_net).toMatchObject({
      ipv4: { dns_ptr: "a.example.com" },
      ipv6: { dns_ptr: [{ ip: address, dns_ptr: "six.example.com" }] },
    });
    await act(server.id, "change_dns_ptr", { ip: ipv4.ip, dns_ptr: null });
    expect((await lab.get(`/servers/${server.id}`)).body.server.public_net.ipv4.dns_ptr).toMatch(/^static\./);
    expect(codeOf(await act(server.id, "change_dns_ptr", { ip: "192.0.2.1", dns_ptr: "x.example.com" }))).toBe(
      "invalid_input",
    );
  });

  test("actions are found per server and per kind", async () => {
    const { id } = await createServer();
    await act(id, "poweroff");
    const other = await createServer({ name: "b" });
    const { actions } = (await lab.get(`/servers/${id}/actions?sort=id:desc&status=success`)).body;
    expect(actions.map((action: { command: string }) => action.command)).toEqual([
      "stop_server",
      "start_server",
      "create_server",
    ]);
    expect((await lab.get(`/servers/${id}/actions/${actions[0].id}`)).body.action.command).toBe("stop_server");
    expect((await lab.get(`/servers/${other.id}/actions/${actions[0].id}`)).status).toBe(404);
    expect((await lab.get("/servers/actions")).body.meta.pagination.total_entries).toBe(5);
    expect((await lab.get(`/volumes/actions/${actions[0].id}`)).status).toBe(404);
    expect((await lab.get("/actions")).status).toBe(422);
  });
});
