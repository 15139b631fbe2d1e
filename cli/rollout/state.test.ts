import { describe, expect, it } from "vitest";
import type { StateResource } from "../demo/state.ts";
import { hostsOf } from "./state.ts";

const part = "urn:pulumi:s::sovereign::sovereign:postgres:PostgresCluster$sovereign:host:Host";
const urn = (type: string, name: string) => `${part}${type}::${name}`;

/** A machine's resources as the engine keeps them. */
function machine(
  name: string,
  change: Partial<Record<"host" | "stash" | "server" | "volume" | "attachment", object | null>> = {},
): StateResource[] {
  const parent = urn("", name);
  const all: Record<string, object> = {
    host: { urn: parent, type: "sovereign:host:Host" },
    stash: {
      urn: urn("$pulumi:index:Stash", `${name}-generation`),
      type: "pulumi:index:Stash",
      parent,
      protect: true,
      replacementTrigger: 3,
    },
    server: {
      urn: urn("$hcloud:index/server:Server", name),
      type: "hcloud:index/server:Server",
      parent,
      protect: true,
      inputs: { labels: { role: "postgres" }, networks: [{ ip: "10.0.2.4" }], serverType: "ccx13" },
      outputs: { ipv4Address: "198.51.100.4" },
    },
    volume: {
      urn: urn("$hcloud:index/volume:Volume", `${name}-data`),
      type: "hcloud:index/volume:Volume",
      parent,
      inputs: { labels: { role: "postgres" } },
    },
    attachment: {
      urn: urn("$hcloud:index/volumeAttachment:VolumeAttachment", `${name}-data`),
      type: "hcloud:index/volumeAttachment:VolumeAttachment",
      parent,
      protect: true,
    },
  };
  return Object.entries(all).flatMap(([key, resource]) => {
    const own = change[key as keyof typeof change];
    return own === null ? [] : [{ ...resource, ...own } as StateResource];
  });
}

const read = (...resources: StateResource[]) => hostsOf({ deployment: { resources } });

describe("machines with data in a state", () => {
  it("are told with all that a rollout needs", () => {
    const name = "s-postgres-fsn1-1";
    expect(read(...machine(name))).toEqual([
      {
        name,
        role: "postgres",
        location: "fsn1",
        index: 0,
        isComplete: true,
        isProtected: true,
        isLifted: false,
        generation: 3,
        publicAddress: "198.51.100.4",
        privateAddress: "10.0.2.4",
        serverType: "ccx13",
        urns: [
          urn("", name),
          urn("$pulumi:index:Stash", `${name}-generation`),
          urn("$hcloud:index/server:Server", name),
          urn("$hcloud:index/volumeAttachment:VolumeAttachment", `${name}-data`),
        ],
      },
    ]);
  });

  it.each([
    ["the server", { server: null, attachment: null }],
    ["the attachment", { attachment: null }],
    ["the stash", { stash: null }],
    ["everything but the volume", { stash: null, server: null, attachment: null }],
    ["everything", { stash: null, server: null, attachment: null, volume: null }],
    ["a server that is only left to be deleted", { server: { delete: true } }],
    ["a server that was deleted to be made anew", { server: { pendingReplacement: true } }],
  ])("are not whole without %s", (_, change) => {
    const [host] = read(...machine("s-postgres-fsn1-1", change));
    expect(host).toMatchObject({ name: "s-postgres-fsn1-1", role: "postgres", isComplete: false });
    expect(host!.urns).toHaveLength("volume" in change && change.volume === null ? 3 : 4);
  });

  it("are protected as long as any part of them is", () => {
    const open = { stash: { protect: false }, server: { protect: false }, attachment: {} };
    const name = "s-postgres-fsn1-1";
    expect(read(...machine(name, open))).toMatchObject([{ isProtected: true, isLifted: true }]);
    const all = { ...open, attachment: { protect: undefined } };
    expect(read(...machine(name, all))).toMatchObject([{ isProtected: false, isLifted: true }]);
  });

  it("stand in the order of locations, as components make them", () => {
    const names = ["s-postgres-hel1-1", "s-postgres-fsn1-10", "s-postgres-nbg1-1", "s-postgres-fsn1-2"];
    expect(read(...names.flatMap((name) => machine(name))).map(({ name }) => name)).toEqual([
      "s-postgres-fsn1-2",
      "s-postgres-fsn1-10",
      "s-postgres-nbg1-1",
      "s-postgres-hel1-1",
    ]);
  });

  it("are not those that are replaced freely", () => {
    const app = machine("s-app-fsn1-1", {
      stash: null,
      volume: null,
      attachment: null,
      server: { inputs: { labels: { role: "app" } } },
    });
    expect(read(...app)).toEqual([]);
  });
});
