import { describe, expect, test } from "vitest";
import { approval, type MadeUp, replaced, reviewed, server, streamOf, volume, web } from "./testing.ts";

const protectedVolume: MadeUp = {
  type: volume,
  name: "data",
  id: "7",
  after: { size: 10, location: "fsn1", deleteProtection: true },
};
const moved: Partial<MadeUp> = {
  op: "replace",
  before: { size: 10, location: "fsn1" },
  after: { size: 10, location: "nbg1" },
  diff: { location: "update-replace" },
};
const because = async (resources: readonly MadeUp[]) =>
  (await reviewed(streamOf(resources))).guard.map(({ resource, because, fate }) => [resource.name, because, fate]);

describe("what holds data", () => {
  test("a server by the volume that hangs on it, by the id in its attachment", async () => {
    const attachment = {
      type: "hcloud:index/volumeAttachment:VolumeAttachment",
      name: "data",
      after: { serverId: 12, volumeId: 7 },
    };
    expect(await because([replaced, attachment])).toEqual([["web", "volume", "replaced"]]);
    expect(await because([replaced, { ...attachment, after: { serverId: 13, volumeId: 7 } }])).toEqual([]);
  });

  test("by a label, by backups, by a protection", async () => {
    const with_ = (more: object) => because([{ ...replaced, before: { ...web.after, ...more } }]);
    expect(await with_({ labels: { "data-class": "personal" } })).toEqual([["web", "label", "replaced"]]);
    expect(await with_({ backups: true })).toEqual([["web", "backups", "replaced"]]);
    expect(await with_({ deleteProtection: true })).toEqual([["web", "protection", "replaced"]]);
    expect(await with_({})).toEqual([]);
  });

  test("a label says what is handled: nothing is kept of it by packet rules, nor where a component says that it is not stateful", async () => {
    const labelled = { ...replaced, before: { ...web.after, labels: { "data-class": "personal" } }, parent: "host" };
    expect(await because([{ ...labelled, parentInputs: { stateful: false } }])).toEqual([]);
    expect(await because([{ ...labelled, parentInputs: { stateful: true } }])).toEqual([["web", "label", "replaced"]]);
    const backedUp = { ...labelled, before: { ...labelled.before, backups: true } };
    expect(await because([{ ...backedUp, parentInputs: { stateful: false } }])).toEqual([
      ["web", "backups", "replaced"],
    ]);
    expect(await because([{ ...labelled, type: "hcloud:index/firewall:Firewall", op: "delete" }])).toEqual([]);
  });

  test("what is kept at the provider is not lost", async () => {
    const gone: MadeUp = { type: volume, name: "data", op: "delete", id: "7", before: { size: 10, location: "fsn1" } };
    expect((await reviewed(streamOf([gone]))).verdict.word).toBe("refused");
    const kept = await reviewed(streamOf([{ ...gone, retainOnDelete: true }]));
    expect(kept.guard).toMatchObject([{ fate: "left behind" }]);
    expect(kept.verdict.word).toBe("safe");
    expect(kept.cost.delta).toBe(0);
  });

  test("an option that comes with the replacement comes too late: the engine goes by the state", async () => {
    const options = { retainOnDelete: true, stateOptions: { retainOnDelete: false } };
    const [late] = (await reviewed(streamOf([{ ...protectedVolume, ...moved, ...options }]))).guard;
    expect(late).toMatchObject({ fate: "replaced" });
    const inTime = { retainOnDelete: false, stateOptions: { retainOnDelete: true } };
    const [kept] = (await reviewed(streamOf([{ ...protectedVolume, ...moved, ...inTime }]))).guard;
    expect(kept).toMatchObject({ fate: "left behind" });
  });
});

describe("what differs", () => {
  const of = async (before: unknown, after: unknown, path = "userData") => {
    const diff = { [path]: "update-replace" } as const;
    const stream = streamOf([{ ...replaced, before: { [path]: before }, after: { [path]: after }, diff }]);
    const [component] = (await reviewed(stream)).changes.components;
    return component!.resources[0]!.properties[0]!;
  };
  const long = "# nothing that changes\n".repeat(400);

  test("of long texts that begin alike, the part that differs", async () => {
    const { before, after } = await of(`${long}PORT=80\n`, `${long}PORT=81\n`);
    expect(before).toMatch(/^… .*PORT=80 $/);
    expect(after).toMatch(/^… .*PORT=81 $/);
    expect(await of(long, `${long}PORT=81`)).toMatchObject({ after: expect.stringMatching(/PORT=81$/) });
  });

  test("a secret stays one wherever the part begins", async () => {
    const key = (end: string) => `${long}ghp_0123456789abcdefghijABCDEFGHIJ0123${end}\n`;
    const { before, after } = await of(`${key("45")}PORT=80`, `${key("67")}PORT=81`);
    expect(`${before}${after}`).not.toMatch(/789abc|J0123/);
    expect(after).toContain("PORT=81");
  });

  test("what is hidden on both sides is said to differ", async () => {
    expect((await of("one", "another", "password")).after).toBe("[secret] (differs where it is not shown)");
    const far = await of(`${long.repeat(10)}1`, `${long.repeat(10)}2`);
    expect(far.after).toMatch(/ \(differs where it is not shown\)$/);
    expect(far.after!.length).toBeLessThanOrEqual(200);
  });
});

describe("a protection that is lifted", () => {
  const of = async (made: Partial<MadeUp>) => reviewed(streamOf([{ ...protectedVolume, ...made }]));

  test.each([
    ["the engine's, with nothing else changed", { stateOptions: { protect: true } }, "protect"],
    ["the engine's, kept at the provider", { stateOptions: { protect: true }, protect: false }, "protect"],
    ["retainOnDelete", { stateOptions: { retainOnDelete: true } }, "retainOnDelete"],
    [
      "the provider's, with the engine's kept",
      {
        op: "update",
        protect: true,
        before: protectedVolume.after!,
        after: { ...protectedVolume.after, deleteProtection: false },
        diff: { deleteProtection: "update" },
      },
      "deleteProtection",
    ],
  ] satisfies [string, Partial<MadeUp>, string][])("%s: needs an approval, and says which", async (_, made, path) => {
    const review = await of(made);
    expect(review.verdict.word).toBe("needs approval");
    expect(review.guard).toMatchObject([{ fate: "unprotected", forcedBy: [{ path, before: "true", after: "false" }] }]);
    const approved = await reviewed(streamOf([{ ...protectedVolume, ...made }]), { approved: [approval] });
    expect(approved.verdict.word).toBe("safe");
  });

  test("of what holds nothing, or one that is new, needs none", async () => {
    const key = { type: "hcloud:index/sshKey:SshKey", name: "data", id: "3", after: { name: "key" } };
    expect((await reviewed(streamOf([{ ...key, stateOptions: { retainOnDelete: true } }]))).guard).toEqual([]);
    expect((await of({ protect: true, stateOptions: { protect: false } })).verdict.word).toBe("safe");
  });
});

describe("interruptions", () => {
  test("of what is deleted before it is made anew, not of what is made first", async () => {
    expect((await reviewed(streamOf([replaced]))).downtime.moments).toMatchObject([
      { effect: "outage", serious: true },
    ]);
    expect((await reviewed(streamOf([{ ...replaced, deletedFirst: false }]))).downtime.moments).toEqual([]);
  });

  test("a property that nobody looked at is not known, and no harmless one", async () => {
    const review = await reviewed(
      streamOf([{ ...web, op: "update", before: web.after!, diff: { newSetting: "add" } }]),
    );
    expect(review.downtime.unknown).toEqual([{ type: server, count: 1 }]);
    expect(review.verdict.word).toBe("needs approval");
  });
});

describe("what the provider refuses", () => {
  const updated = (type: string, before: object, after: object): MadeUp => ({
    type,
    name: "data",
    op: "update",
    id: "7",
    before,
    after,
    diff: Object.fromEntries(Object.keys(after).map((path) => [path, "update" as const])),
  });

  test.each([
    [volume, { size: 55 }, { size: 50 }, /^data: a volume cannot shrink \(55 GB to 50 GB\)\. .*fail half way/],
    [server, { serverType: "cpx22" }, { serverType: "cax21" }, /cannot change its architecture \(cpx22 is x86/],
  ])("%s: an update that would fail half way is refused, whoever approves it", async (type, before, after, text) => {
    const { verdict } = await reviewed(streamOf([updated(type, before, after)]), { approved: [approval] });
    expect(verdict.word).toBe("refused");
    expect(verdict.reasons[0]).toMatchObject({ kind: "cannot work", text: expect.stringMatching(text) });
  });

  test("a volume that grows and a server of the same architecture are not", async () => {
    const kinds = async (made: MadeUp) => (await reviewed(streamOf([made]))).verdict.reasons.map(({ kind }) => kind);
    expect(await kinds(updated(volume, { size: 50 }, { size: 55 }))).not.toContain("cannot work");
    expect(await kinds(updated(server, { serverType: "cpx22" }, { serverType: "cpx32" }))).not.toContain("cannot work");
  });
});

describe("backups that are switched off", () => {
  test("are deleted by the provider at once: that is a loss of data", async () => {
    const off: MadeUp = {
      ...web,
      name: "data",
      op: "update",
      before: { ...web.after, backups: true },
      after: { ...web.after, backups: false },
      diff: { backups: "update" },
    };
    const review = await reviewed(streamOf([off]));
    expect(review.verdict.word).toBe("refused");
    expect(review.verdict.reasons[0]!.text).toMatch(/^data loses its backups, which the provider deletes/);
    expect(review.guard).toMatchObject([{ fate: "without backups", forcedBy: [{ path: "backups", after: "false" }] }]);
    expect((await reviewed(streamOf([off]), { approved: [approval] })).verdict.word).toBe("safe");
  });
});

describe("this project's packs", () => {
  test("are heard for what the review could not see by itself, and not twice for the rest", async () => {
    const urn = `urn:pulumi:test::made-up::${server}::web`;
    const abroad: MadeUp = { ...web, op: "create", after: { ...web.after, location: "ash" } };
    const [found] = (await reviewed(streamOf([abroad]))).sovereignty.findings.filter(
      ({ severity }) => severity === "refuse",
    );
    const event = (message: string, policyPackName = "sovereignty") => ({
      policyEvent: {
        policyPackName,
        policyName: "sovereignty",
        enforcementLevel: "mandatory",
        message,
        resourceUrn: urn,
      },
    });
    const said = `The description\n${found!.message} [location] (${found!.rule})\nwhy`;
    const events = [event(said), event("a secret leads to sentry.io (sovereignty/endpoints)"), event(said, "other")];
    const review = await reviewed(streamOf([abroad], events));
    expect(review.policies.map(({ pack, message }) => [pack, message.slice(0, 8)])).toEqual([
      ["sovereignty", "a secret"],
      ["other", "The desc"],
    ]);
  });
});

describe("a preview that failed", () => {
  test("is refused, with what the engine said", async () => {
    const said = [{ diagnosticEvent: { severity: "error", message: "unable to replace: it is protected" } }];
    const { verdict } = await reviewed(streamOf([web], said, "failed"));
    expect(verdict).toMatchObject({
      word: "refused",
      code: 20,
      reasons: [{ kind: "preview failed", text: expect.stringContaining("it is protected") }],
    });
  });

  test("by a mandatory policy alone says which", async () => {
    const broken = [
      { policyEvent: { policyPackName: "own", policyName: "no-web", enforcementLevel: "mandatory", message: "no" } },
    ];
    const { verdict } = await reviewed(streamOf([web], broken, "failed"));
    expect(verdict.reasons.filter(({ weight }) => weight === "refused")).toMatchObject([
      { kind: "policy", text: "own, no-web: no" },
    ]);
  });

  test("an advisory policy refuses nothing", async () => {
    const told = [
      { policyEvent: { policyPackName: "own", policyName: "no-web", enforcementLevel: "advisory", message: "no" } },
    ];
    expect((await reviewed(streamOf([web], told))).verdict.word).toBe("safe");
  });
});
