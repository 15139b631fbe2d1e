import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { isAlive } from "../session/process.ts";
import { findLab, type RunningLab, startLab, stopLab } from "../session/session.ts";
import type { MachineReport } from "./admin.ts";
import { enterArgv } from "./enter.ts";
import { loopDevicesBelow } from "./leftovers.ts";
import { describeWithMachines } from "./testing.ts";
import { controlGroup } from "./world.ts";

/** As a role's first boot does: a file system by label on the attached volume, then in fstab. */
const mountVolume = `
set -e
device=$(readlink -f /dev/disk/by-id/scsi-0HC_Volume_*)
[ "$(blkid -o value -s LABEL "$device")" = data ] || mkfs.ext4 -q -L data "$device"
mkdir -p /data /srv/data
printf 'LABEL=data /data ext4 defaults,nofail 0 2\\n/data /srv/data none bind,nofail,x-systemd.requires-mounts-for=/data 0 0\\n' >> /etc/fstab
systemctl daemon-reload
mount /data
mount /srv/data
`;

const userData = (config: object): string =>
  Buffer.from(`#cloud-config\n${JSON.stringify(config)}\n`).toString("base64");

describeWithMachines("a lab with machines", () => {
  const project = mkdtempSync(join(tmpdir(), "lab-machines-"));
  let lab: RunningLab;
  let volume: number;
  let first: number;

  const start = async () => {
    ({ lab } = await startLab({ project, port: 0, actionDuration: 0, machines: { volumeGb: 0.1, uplink: false } }));
  };

  async function call(method: string, path: string, body?: object) {
    const response = await fetch(new URL(path, lab.endpoint), {
      method,
      headers: { Authorization: `Bearer ${lab.secrets.token}`, "Content-Type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const answer = text === "" ? undefined : JSON.parse(text);
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return answer;
  }

  /** Of an action, or of all that a creation started: what went wrong, once they are over. */
  async function failures(answer: { action?: { id: number }; next_actions?: { id: number }[] }): Promise<string[]> {
    const ids = [answer.action, ...(answer.next_actions ?? [])].flatMap((action) => action?.id ?? []);
    for (;;) {
      const { actions } = await call("GET", `/v1/actions?${ids.map((id) => `id=${id}`).join("&")}`);
      if (actions.every(({ status }: { status: string }) => status !== "running")) {
        return actions.flatMap(({ error }: { error: { message: string } | null }) => error?.message ?? []);
      }
      await sleep(100);
    }
  }

  const act = async (path: string, body?: object) => expect(await failures(await call("POST", path, body))).toEqual([]);

  async function report(server: number): Promise<MachineReport> {
    const { machines } = await call("GET", "/_lab/machines");
    return machines.find(({ id }: MachineReport) => id === server);
  }

  async function until(server: number, what: (machine: MachineReport) => boolean): Promise<MachineReport> {
    for (;;) {
      const machine = await report(server);
      expect(machine.failed).toBeNull();
      if (what(machine)) return machine;
      await sleep(200);
    }
  }

  async function inside(server: number, ...argv: string[]): Promise<string> {
    const { leader } = await report(server);
    const [program, ...rest] = enterArgv(lab.process.pid, leader!, argv);
    return (await execa(program!, rest)).stdout;
  }

  /** A `nofail` mount is up some time after the boot; what needs it waits for it. */
  const inData = (server: number, command: string) =>
    inside(server, "sh", "-c", `until mountpoint -q /srv/data; do sleep 0.1; done; cd /srv/data; ${command}`);

  async function create(name: string, config: object, more: object = {}) {
    return call("POST", "/v1/servers", {
      ...{ name, server_type: "cpx22", image: "debian-13", location: "fsn1", user_data: userData(config) },
      ...more,
    });
  }

  afterAll(async () => {
    await stopLab({ project }, true);
    rmSync(project, { recursive: true, force: true });
  }, 60_000);

  test("a server boots, runs its user data with the volume at the provider's path, and reaches what its network has", async () => {
    const swappiness = readFileSync("/proc/sys/vm/swappiness", "utf8");
    expect(swappiness).not.toBe("7\n");
    await start();
    const created = await call("POST", "/v1/volumes", { name: "data", size: 10, location: "fsn1" });
    volume = created.volume.id;
    expect(await failures(created)).toEqual([]);
    const config = {
      packages: ["jq"],
      write_files: [
        { path: "/etc/hello", content: "from the user data" },
        { path: "/etc/sysctl.d/60-own.conf", content: "vm.swappiness = 7\nnet.core.somaxconn = 1234\n" },
      ],
      runcmd: [["bash", "-c", mountVolume], "echo kept > /srv/data/file", "sysctl -q --system"],
    };
    const answer = await create("one", config, { volumes: [volume] });
    first = answer.server.id;
    expect(await failures(answer)).toEqual([]);
    const machine = await until(first, ({ booted }) => booted);
    expect(machine).toMatchObject({ name: "one", status: "running", failedUnits: [] });
    expect(await inside(first, "cat", "/etc/hello")).toBe("from the user data");
    expect(await inside(first, "hostname")).toBe("one");
    expect(await inside(first, "findmnt", "-no", "FSTYPE", "/data")).toBe("ext4");
    expect(await inside(first, "cat", "/data/file")).toBe("kept");
    expect(await inside(first, "systemctl", "is-system-running", "--wait")).toBe("running");
    expect(await inside(first, "sysctl", "-n", "vm.swappiness", "net.core.somaxconn")).toBe("7\n1234");
    expect(readFileSync("/proc/sys/vm/swappiness", "utf8")).toBe(swappiness);
  });

  test("a volume that is attached to a running server is there, and gone when it is detached", async () => {
    const created = await call("POST", "/v1/volumes", {
      name: "more",
      size: 10,
      location: "fsn1",
      format: "ext4",
    });
    expect(await failures(created)).toEqual([]);
    const second = created.volume;
    const link = `/dev/disk/by-id/scsi-0HC_Volume_${second.id}`;
    await act(`/v1/volumes/${second.id}/actions/attach`, { server: first });
    await inside(first, "sh", "-ec", `mount ${link} /mnt && echo x > /mnt/x`);
    await act(`/v1/volumes/${second.id}/actions/detach`);
    expect(await inside(first, "sh", "-c", `ls /mnt; ls -l ${link} 2>&1 | grep -o "No such.*"`)).toBe(
      "No such file or directory",
    );
    expect(loopDevicesBelow(lab.files.folder)).toHaveLength(2);
    await call("DELETE", `/v1/volumes/${second.id}`);
    while (loopDevicesBelow(lab.files.folder).length > 1) await sleep(50);
  });

  test("a server comes back with its disk and its volume from a reboot, from a crash, and from a reboot of its own", async () => {
    const bootId = () => inside(first, "cat", "/proc/sys/kernel/random/boot_id");
    const before = await bootId();
    await act(`/v1/servers/${first}/actions/reboot`);
    await until(first, ({ booted }) => booted);
    const rebooted = await bootId();
    expect(rebooted).not.toBe(before);
    expect(await inData(first, "cat file")).toBe("kept");

    await call("POST", `/_lab/machines/${first}/crash`);
    expect(await report(first)).toMatchObject({ status: "off", leader: null, booted: false });
    await act(`/v1/servers/${first}/actions/poweron`);
    await until(first, ({ booted }) => booted);
    expect(await inData(first, "cat /etc/hello file")).toBe("from the user datakept");

    const { leader } = await report(first);
    await inside(first, "systemctl", "reboot");
    await until(first, (machine) => machine.booted && machine.leader !== leader);
    await until(first, ({ status }) => status === "running");

    await inside(first, "systemctl", "poweroff");
    await until(first, ({ status }) => status === "off");
    await act(`/v1/servers/${first}/actions/poweron`);
    await until(first, ({ booted }) => booted);
  });

  test("a machine that dies shows as off; another type and a rebuild start it, the rebuild with a new disk", async () => {
    const { leader } = await report(first);
    await execa("nsenter", [
      "--target",
      String(lab.process.pid),
      "--mount",
      "--pid",
      "--",
      "kill",
      "-9",
      String(leader),
    ]);
    await until(first, ({ status }) => status === "off");
    await act(`/v1/servers/${first}/actions/change_type`, { server_type: "cpx32", upgrade_disk: false });
    await until(first, ({ booted, status }) => booted && status === "running");
    await inside(first, "touch", "/etc/not-in-the-image");
    await act(`/v1/servers/${first}/actions/rebuild`, { image: "debian-13" });
    await until(first, ({ booted }) => booted);
    expect(await inData(first, "cat file; ls /etc/hello /etc/not-in-the-image 2>/dev/null || true")).toBe(
      "kept\n/etc/hello",
    );
  });

  test("a server is cut off and healed by the lab's own endpoints, which check what they are given", async () => {
    await call("POST", `/_lab/machines/${first}/cut`, { public: true });
    await call("POST", `/_lab/machines/${first}/heal`);
    await expect(call("POST", `/_lab/machines/${first}/cut`, { public: "yes" })).rejects.toThrow("invalid_input");
    await expect(call("POST", "/_lab/machines/1/crash")).rejects.toThrow("not_found");
  });

  test("a volume keeps its data when its server is replaced", async () => {
    await act(`/v1/servers/${first}/actions/shutdown`);
    expect(await report(first)).toMatchObject({ status: "off", leader: null });
    expect(await failures(await call("DELETE", `/v1/servers/${first}`))).toEqual([]);
    const answer = await create("two", { runcmd: [["bash", "-c", mountVolume]] }, { volumes: [volume] });
    first = answer.server.id;
    expect(await failures(answer)).toEqual([]);
    await until(first, ({ booted }) => booted);
    expect(await inData(first, "cat file; ls /etc/hello 2>&1 | grep -o 'No such.*'")).toBe(
      "kept\nNo such file or directory",
    );
  });

  test("a package that the image lacks fails the server's creation, with the role, and a first boot that fails says why", async () => {
    const answer = await create(
      "bare",
      { packages: ["jq", "cowsay"] },
      { labels: { role: "app" }, start_after_create: false },
    );
    expect(await failures(answer)).toEqual([
      "server bare (role app) wants the package cowsay, which the lab's image lacks: add it to lab/debian/packages.ts",
    ]);
    const broken = await create("broken", { runcmd: ["echo 'first boot failed: no reason' >&2; exit 1"] });
    for (let machine = await report(broken.server.id); ; machine = await report(broken.server.id)) {
      if (machine.failed !== null) {
        expect(machine).toMatchObject({ booted: false, failed: "first boot failed: no reason" });
        break;
      }
      await sleep(200);
    }
    for (const { server } of [answer, broken])
      expect(await failures(await call("DELETE", `/v1/servers/${server.id}`))).toEqual([]);
  });

  test("a lab that is killed leaves no process, mount or loop device; the next start goes on, a stop removes the rest", async () => {
    const { pid, world } = lab.process;
    expect(leftovers(lab)).toEqual({ processes: true, mounts: 0, devices: 1, groups: true });
    process.kill(pid, "SIGKILL");
    while (isAlive(world!)) await sleep(20);
    expect(leftovers(lab)).toEqual({ processes: false, mounts: 0, devices: 0, groups: true });
    expect(await findLab({ project })).toBeUndefined();

    await start();
    await until(first, ({ booted, status }) => booted && status === "running");
    expect(await inData(first, "cat file")).toBe("kept");

    expect(await stopLab({ project })).toBe(true);
    expect(leftovers(lab)).toEqual({ processes: false, mounts: 0, devices: 0, groups: false });
  });

  /** What of the lab there is on the host. Mounts are the lab's own all the time. */
  function leftovers({ files }: RunningLab) {
    const processes = readdirSync("/proc").filter((name) => {
      if (!/^\d+$/.test(name) || name === String(process.pid)) return false;
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(files.folder);
      } catch {
        return false;
      }
    });
    const groups = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(" - cgroup2 "))
      .flatMap((line) => readdirSync(line.split(" ")[4]!))
      .filter((name) => name === controlGroup(files.folder));
    return {
      processes: processes.length > 0,
      mounts: readFileSync("/proc/self/mountinfo", "utf8").split(files.folder).length - 1,
      devices: loopDevicesBelow(files.folder).length,
      groups: groups.length > 0,
    };
  }
});
