import { expect, test } from "vitest";
import { isLoopbackHost, PageAccess } from "./access.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function accessAt(token = "token-of-a-lab") {
  let time = Date.parse("2026-11-01T12:00:00Z");
  const access = new PageAccess(token, () => time);
  return { access, pass: (ms: number) => (time += ms), now: () => time };
}

test("a code gives one key, once", () => {
  const { access } = accessAt();
  const code = access.issueCode();
  const key = access.redeem(code);
  expect(access.isValid(key!)).toBe(true);
  expect(access.redeem(code)).toBeUndefined();
  expect(access.redeem("made-up")).toBeUndefined();
  expect(access.issueCode()).not.toBe(code);
});

test("a code is too old after ten minutes, a key after a week", () => {
  const { access, pass } = accessAt();
  const [early, late] = [access.issueCode(), access.issueCode()];
  pass(10 * MINUTE - 1);
  const key = access.redeem(early)!;
  pass(1);
  expect(access.redeem(late)).toBeUndefined();
  pass(7 * DAY - 2);
  expect(access.isValid(key)).toBe(true);
  pass(1);
  expect(access.isValid(key)).toBe(false);
});

test("a key outlives a restart of its lab and fits no other lab", () => {
  const { access, now } = accessAt();
  const key = access.redeem(access.issueCode())!;
  expect(new PageAccess("token-of-a-lab", now).isValid(key)).toBe(true);
  expect(new PageAccess("token-of-another", now).isValid(key)).toBe(false);
});

test.each([
  "",
  "x",
  "9999999999999.",
  "9999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "NaN.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
])("%j is no key", (key) => {
  expect(accessAt().access.isValid(key)).toBe(false);
});

test("a key whose end was changed is no key", () => {
  const { access } = accessAt();
  const [expires, signature] = access.redeem(access.issueCode())!.split(".");
  expect(access.isValid(`${expires}.${signature}`)).toBe(true);
  expect(access.isValid(`${Number(expires) + 1}.${signature}`)).toBe(false);
});

test("codes that nobody uses do not pile up: the oldest make room", () => {
  const { access } = accessAt();
  const first = access.issueCode();
  const rest = Array.from({ length: 50 }, () => access.issueCode());
  expect(access.redeem(first)).toBeUndefined();
  expect(access.redeem(rest[0]!)).toBeDefined();
});

test.each([
  ["127.0.0.1:4570", true],
  ["127.8.9.10", true],
  ["localhost:80", true],
  ["LOCALHOST", true],
  ["[::1]:4570", true],
  ["evil.example:4570", false],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["10.0.0.1", false],
  ["[::2]", false],
  ["", false],
  [undefined, false],
])("Host %s: loopback is %s", (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
