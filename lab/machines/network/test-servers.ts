import { afterEach, expect } from "vitest";
import type { DebianTree } from "../../debian/run.ts";
import { connectOnce, echoServer } from "./test-programs.ts";
import { TestWorld, type TestWorldOptions } from "./testing.ts";

/** Worlds that end with the test that started them. */
export function useWorlds() {
  const worlds: TestWorld[] = [];
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.end()));
  });
  const start = async (...args: Parameters<typeof TestWorld.start>): Promise<TestWorld> => {
    const world = await TestWorld.start(...args);
    worlds.push(world);
    return world;
  };
  const open = async (tree: DebianTree, options?: TestWorldOptions): Promise<TestWorld> => {
    const world = await start(tree);
    await world.open(options);
    return world;
  };
  return { start, open };
}

/** A private network 10.0.0.0/16 with a subnet. */
export async function createNetwork(world: TestWorld): Promise<number> {
  const { network } = await world.api("POST", "/networks", {
    name: "inner",
    ip_range: "10.0.0.0/16",
    subnets: [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }],
  });
  return network.id;
}

export interface Created {
  readonly id: number;
  readonly namespace: string;
  /** Public IPv4 address. */
  readonly ip: string;
  readonly ipv6: string;
  readonly privateIp: string;
}

/** A server with an echo server on port 80 instead of a system. */
export async function createServer(world: TestWorld, name: string, more: object = {}): Promise<Created> {
  const body = { name, server_type: "cpx22", image: "debian-13", location: "fsn1", ...more };
  const { server } = await world.api("POST", "/servers", body);
  const { value } = await world.network("ensureServer", server.id);
  const namespace = `m${server.id}`;
  expect(value).toEqual({ netns: `/run/netns/${namespace}` });
  await world.start(namespace, echoServer, 80);
  return {
    id: server.id,
    namespace,
    ip: server.public_net.ipv4?.ip,
    ipv6: server.public_net.ipv6?.ip.replace("::/64", "::1"),
    privateIp: server.private_net[0]?.ip,
  };
}

/** What comes of a connection, with less patience than a connection that is refused needs. */
export const connect = (world: TestWorld, from: string | undefined, to: string, port = 80) =>
  world.python(from, connectOnce, to, port, 0.4);
