import { describe, expect, it } from "vitest";
import type { HostFacts, View } from "./next.ts";
import { postgresPart } from "./postgres.ts";
import { renderPlan, renderStanding } from "./text.ts";

const facts = (name: string, change: Partial<HostFacts> = {}): HostFacts => ({
  name,
  isComplete: true,
  isProtected: true,
  isLifted: false,
  isRetyped: false,
  isExcepted: false,
  isOpen: false,
  isBehind: true,
  isAsked: false,
  ...change,
});
const way = { isNew: () => undefined, run: async () => ({ code: 0, stdout: "", stderr: "" }) };
const part = postgresPart({ way, isZeroLoss: true, maxBackupHours: undefined });
const view: View = {
  problem: undefined,
  members: new Map([
    ["s-postgres-fsn1-1", { role: "primary", rank: 2, handOver: "switchover" }],
    ["s-postgres-fsn1-2", { role: "synchronous standby", rank: 1 }],
    ["s-postgres-fsn1-3", { role: "replica", rank: 0 }],
  ]),
};
const three = [1, 2, 3].map((ordinal) => facts(`s-postgres-fsn1-${ordinal}`));

describe("the plan", () => {
  it("has each machine in its turn, with what its absence costs", () => {
    expect(renderPlan("s", "postgres", part, { hosts: [], facts: three, view, others: [] })).toBe(
      `Rollout of postgres in s: 3 machines, one after another. Each is deleted and made anew; volumes and addresses stay.

  1  s-postgres-fsn1-3  replica: one standby fewer for 1 to 3 min
  2  s-postgres-fsn1-2  synchronous standby: some seconds without writes, until another standby confirms them; one standby fewer for 1 to 3 min
  3  s-postgres-fsn1-1  primary: switchover: 2 to 4 s without writes; then one standby fewer for 1 to 3 min

Before each machine all others have to work, and a machine has to work before the next one's turn.`,
    );
  });

  it("says what an earlier run left, what is wrong, and what else waits", () => {
    const situation = {
      hosts: [],
      facts: [facts("a", { isBehind: false, isOpen: true }), facts("b", { isComplete: false }), facts("c")],
      view: { members: new Map(), problem: "a does not stream" },
      others: ["server w", "server x", "server y", "volume z"],
    };
    const text = renderPlan("s", "postgres", part, situation);
    expect(text).toContain("Rollout of postgres in s: 1 machine.");
    expect(text).toContain("From an earlier run: b is not there, or not wholly, and is made first;");
    expect(text).toContain("From an earlier run, or by hand: a may be replaced; protected again at the end.");
    expect(text).not.toContain("server type");
    const retyped = facts("a", { isBehind: false, isOpen: true, isLifted: true, isRetyped: true });
    expect(renderPlan("s", "postgres", part, { ...situation, facts: [retyped] })).toContain(
      "The update that protects a again also gives the other server type that is configured, with a power-off:",
    );
    expect(text).toContain("Not now: a does not stream");
    expect(text).toContain("Not part of it, and waiting for pulumi up: server w, server x, server y and 1 more.");
  });
});

it("after a stop it is said where it stands, and how to go on", () => {
  const again = "npx sovereign rollout postgres --stack s";
  expect(renderStanding({ facts: three }, { missing: [], kept: [] }, ["s-postgres-fsn1-1"], again)).toBe(
    "2 of 3 machines are as configured: s-postgres-fsn1-1 is left.\nTo go on from here: npx sovereign rollout postgres --stack s",
  );
  expect(
    renderStanding(
      { facts: three },
      { missing: ["s-postgres-fsn1-2"], kept: [] },
      ["s-postgres-fsn1-1", "s-postgres-fsn1-2"],
      again,
    ),
  ).toContain("s-postgres-fsn1-2 is deleted and not made anew yet: its volume is there");
  const kept = [{ name: "s-postgres-fsn1-1", from: "ccx13", to: "ccx23" }];
  expect(renderStanding({ facts: three }, { missing: [], kept }, [], again)).toBe(
    `3 of 3 machines are as configured.
s-postgres-fsn1-1 stays unprotected: an update that protects it again gives it server type ccx23 in place of ccx13 as well, and powers it off for that. The next run does so when the others work, after a hand-over where it has something to hand over.
To go on from here: npx sovereign rollout postgres --stack s`,
  );
});
