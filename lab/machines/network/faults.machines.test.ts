import { expect, test } from "vitest";
import { describeWithMachines } from "../testing.ts";
import { datagramCounter, echoServer, sendDatagram, talker } from "./test-programs.ts";
import { connect, createNetwork, createServer, useWorlds } from "./test-servers.ts";

const worlds = useWorlds();

describeWithMachines("faults of the lab's network", (machines) => {
  test("a server that is cut off falls silent, also on established connections, and is back after healing", async () => {
    const world = await worlds.open(machines.tree());
    const network = await createNetwork(world);
    const [a, b] = [
      await createServer(world, "a", { networks: [network] }),
      await createServer(world, "b", { networks: [network] }),
    ];
    const there = await world.start(a.namespace, talker, b.privateIp, 80, 0.3);
    const back = await world.start(b.namespace, talker, a.privateIp, 80, 0.3);
    const abroad = await world.start(undefined, talker, b.ip, 80, 0.3);
    const all = () => Promise.all([there, back, abroad].map((program) => world.ask(program, "x")));
    expect(await all()).toEqual(["echoed", "echoed", "echoed"]);

    await world.network("cut", b.id);
    expect(await all()).toEqual(["silence", "silence", "echoed"]);
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, b.namespace, a.privateIp)).toBe("silence");
    // Another machine's arrival mends nothing.
    const c = await createServer(world, "c", { networks: [network] });
    expect(await connect(world, c.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, c.namespace, a.privateIp)).toContain("connected");

    await world.network("cut", b.id, { public: true });
    expect(await all()).toEqual(["silence", "silence", "silence"]);
    await world.network("heal", b.id);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
    await expect.poll(all, { timeout: 30_000 }).toEqual(["echoed", "echoed", "echoed"]);
  });

  test("a cut is one of both directions: neither what is sent nor what is received gets through", async () => {
    const world = await worlds.open(machines.tree());
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network] });
    const counters = [
      await world.start(a.namespace, datagramCounter, 9),
      await world.start(b.namespace, datagramCounter, 9),
    ];
    const counts = () => Promise.all(counters.map(async (counter) => Number(await world.ask(counter))));
    const sendBoth = async () => {
      await world.python(a.namespace, sendDatagram, b.privateIp, 9);
      await world.python(b.namespace, sendDatagram, a.privateIp, 9);
    };
    await sendBoth();
    await expect.poll(counts, { timeout: 10_000 }).toEqual([1, 1]);
    await world.network("cut", b.id);
    await sendBoth();
    await world.network("heal", b.id);
    // Datagrams do not overtake one another: what comes later shows that the ones before are lost.
    await sendBoth();
    await expect.poll(counts, { timeout: 10_000 }).toEqual([2, 2]);
  });

  test("a host that is lost says goodbye to nobody, and its address answers again once it is back", async () => {
    const world = await worlds.open(machines.tree());
    const network = await createNetwork(world);
    const [a, b] = [
      await createServer(world, "a", { networks: [network] }),
      await createServer(world, "b", { networks: [network] }),
    ];
    const talk = await world.start(a.namespace, talker, b.privateIp, 80, 0.3);
    await world.run(b.namespace, ["ip", "address", "add", "192.168.7.7/32", "dev", "lo"]);
    await world.network("removeServer", b.id);
    expect(await world.ask(talk, "x")).toBe("silence");
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, undefined, b.ip)).toBe("silence");
    await world.network("ensureServer", b.id);
    await world.start(b.namespace, echoServer, 80);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
    expect(await world.run(b.namespace, ["ip", "-br", "address"])).not.toContain("192.168.7.7");

    // Power does not mend a line.
    await world.network("cut", b.id);
    await world.network("removeServer", b.id);
    await world.network("ensureServer", b.id);
    await world.start(b.namespace, echoServer, 80);
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    await world.network("heal", b.id);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
  });
});
