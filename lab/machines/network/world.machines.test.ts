import { readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWithMachines } from "../testing.ts";
import { fastestConnect, sendMuch } from "./test-programs.ts";
import { type Created, connect, createNetwork, createServer, useWorlds } from "./test-servers.ts";

const worlds = useWorlds();

describeWithMachines("the world of the lab's network", (machines) => {
  test("the host is as before after closing, and after a kill", async () => {
    const host = await worlds.start(machines.tree());
    const before = await host.host();
    for (const way of ["close", "kill"] as const) {
      const world = await worlds.start(machines.tree(), host);
      await world.open();
      const network = await createNetwork(world);
      const a = await createServer(world, "a", { networks: [network] });
      expect(await connect(host, undefined, a.ip)).toContain("connected");
      const during = await host.host();
      expect(during).toContain("198.18.0.0/15");
      const [device] = /svlab\d+/.exec(during) ?? [];
      expect(during.split("\n").filter((line) => !/svlab|198\.19\.255/.test(line))).toEqual(before.split("\n"));
      if (way === "close") {
        await world.network("close");
        expect(await world.run(undefined, ["ls", "/run/netns"])).toBe("");
        expect(await host.host()).toBe(before);
      } else {
        await world.kill();
        await expect.poll(() => host.host(), { timeout: 10_000 }).toBe(before);
      }
      expect(device).toBe("svlab0");
    }
  });

  test("a second lab is refused and told which one is in its way; a route of somebody else's too", async () => {
    const first = await worlds.open(machines.tree(), { lab: "first" });
    const second = await worlds.start(machines.tree(), first);
    const before = await first.host();
    await expect(second.open({ lab: "second" })).rejects.toThrow(
      /198\.18\.0\.0\/15.*another lab \(lab first\), at its device svlab0: stop that lab first/,
    );
    expect(await first.host()).toBe(before);
    await first.network("close");
    await first.run(undefined, ["ip", "route", "add", "198.19.0.0/16", "dev", "lo"]);
    await expect(second.open({ lab: "second" })).rejects.toThrow("198.19.0.0/16 already, to its device lo");
    expect(await second.run(undefined, ["ls", "/run/netns"])).toBe("");
    await first.run(undefined, ["ip", "route", "delete", "198.19.0.0/16", "dev", "lo"]);
    await second.open({ lab: "second" });
  });

  test("packets between locations take their time, each way, and only those", async () => {
    const world = await worlds.open(machines.tree(), {
      delays: [{ between: ["fsn1", "hel1"], roundTripMs: 60 }],
    });
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network] });
    const far = await createServer(world, "far", { networks: [network], location: "hel1" });
    const other = await createServer(world, "other", { networks: [network], location: "nbg1" });
    const time = async (from: Created, to: Created) =>
      Number(await world.python(from.namespace, fastestConnect, to.privateIp, 80));
    // Bounds from below only: how quick the rest is depends on the machine. What has no delay, the tests of the plan say.
    expect(await time(a, far)).toBeGreaterThanOrEqual(60);
    expect(await time(far, b)).toBeGreaterThanOrEqual(60);
    expect(await connect(world, a.namespace, other.privateIp)).toContain("connected");
    // More than any buffer on the way holds.
    expect(await world.python(a.namespace, sendMuch, far.privateIp, 80, 20_000_000)).toBe("20000000 back as sent");
    await world.network("cut", far.id);
    expect(await connect(world, a.namespace, far.privateIp)).toBe("silence");
    await world.network("heal", far.id);
    expect(await connect(world, a.namespace, far.privateIp)).toBe(`connected from ${a.privateIp} hello`);
    expect((await world.network("reconcile")).commands).toBe(0);
  });

  test("a delay line that dies is started again", async () => {
    const world = await worlds.open(machines.tree(), { delays: [{ between: ["fsn1", "hel1"], roundTripMs: 10 }] });
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network], location: "hel1" });
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
    // Brackets: this shell's own command line is not to match.
    const kill =
      'cd /proc; for one in [0-9]*; do if grep -q "two TUN d[e]vices" $one/cmdline; then kill -9 $one; echo killed; fi; done';
    expect(await world.run(undefined, ["sh", "-c", kill])).toBe("killed");
    await expect
      .poll(() => connect(world, a.namespace, b.privateIp), { timeout: 20_000 })
      .toBe(`connected from ${a.privateIp} hello`);
  });

  test("nothing of a lab outlives its first process", async () => {
    const world = await worlds.open(machines.tree(), {
      delays: [{ between: ["fsn1", "hel1"], roundTripMs: 10 }],
    });
    const network = await createNetwork(world);
    await createServer(world, "a", { networks: [network] });
    await createServer(world, "b", { networks: [network], location: "hel1" });
    const mounts = await world.run(undefined, ["readlink", "/proc/self/ns/mnt"]);
    const mine = () => processesIn(mounts);
    // The lab's process, the delay line and two servers.
    expect(mine().length).toBeGreaterThanOrEqual(4);
    await world.kill();
    await expect.poll(mine, { timeout: 10_000 }).toEqual([]);
  });
});

/** Processes of this machine that are in a mount namespace. */
function processesIn(mounts: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/mnt`) === mounts;
    } catch {
      return false;
    }
  });
}
