import { expect, it } from "vitest";
import { parseReplication, type RedisState, replicationProblem } from "./sentinel.ts";

const addresses = new Map([
  ["a", "10.0.0.4"],
  ["b", "10.0.0.5"],
]);
const master: RedisState = { name: "a", role: "master", follows: undefined, linkUp: false, connectedReplicas: 1 };
const replica: RedisState = { name: "b", role: "replica", follows: "10.0.0.4", linkUp: true, connectedReplicas: 0 };

it("reads who follows whom", () => {
  expect(
    parseReplication("b", "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.4\r\nmaster_link_status:up\r\n"),
  ).toEqual(replica);
  expect(parseReplication("a", "role:master\r\nconnected_slaves:1\r\n")).toEqual(master);
  expect(parseReplication("a", "NOAUTH Authentication required.")).toBeUndefined();
});

it.each<[string | undefined, (RedisState | string)[]]>([
  [undefined, [master, replica]],
  ["2 hosts say that they are master", [master, { ...master, name: "b" }]],
  ["0 hosts say that they are master", [replica]],
  ["b follows 10.0.0.9, not a", [master, { ...replica, follows: "10.0.0.9" }]],
  ["b has no link to a", [master, { ...replica, linkUp: false }]],
  ["b: off", [master, "b: off"]],
])("agreement: %s", (problem, states) => {
  expect(replicationProblem(states, addresses)).toBe(problem);
});
