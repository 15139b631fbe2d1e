import fc from "fast-check";
import { expect, test } from "vitest";
import { isSecretName, maskSecrets } from "./mask.ts";
import { SECRET_SIGNATURE, SIGNATURE } from "./values.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAA\n-----END OPENSSH PRIVATE KEY-----";

test.each([
  ["a password in a URL", "cannot reach postgres://app:hunter22@db.example.eu:5432/x", "hunter22"],
  ["a header", "request had Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
  ["an assignment", "HCLOUD_TOKEN=zxcvbnm12345 was refused", "zxcvbnm12345"],
  ["a JSON property", '{"apiKey": "zxcvbnm12345"}', "zxcvbnm12345"],
  ["JSON in JSON", '{\\"client_secret\\":\\"zxcvbnm12345\\"}', "zxcvbnm12345"],
  ["the engine's dump", "endpoint,,,http://x,token,,,zxcvbnm12345,version,,,1", "zxcvbnm12345"],
  ["the engine's dump of a secret", `a,,,,,${SIGNATURE},,,${SECRET_SIGNATURE},value,,,one, two,b`, "two"],
  ["a private key", `the key was ${KEY} indeed`, "b3BlbnNzaC1rZXktdjEAAAA"],
  ["a private key that is cut", KEY.slice(0, 50), "b3Blbn"],
  ["a Hetzner token", `got ${"aB3".repeat(21)}x from the environment`, "aB3aB3"],
  ["an AWS key", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"],
  ["a GitLab token", "glpat-abcdefghij0123456789", "abcdefghij"],
  ["a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIi"],
])("%s is taken out", (_, text, secret) => {
  expect(maskSecrets(text)).not.toContain(secret);
  expect(maskSecrets(text)).toContain("[secret]");
});

test("what is no secret stays", () => {
  const texts = [
    "server type cx23 is currently not available in fsn1: choose another type or location (resource_unavailable)",
    `image registry.example.eu/web@sha256:${"0123456789abcdef".repeat(4)} not found`,
    "https://api.example.eu/v1?page=2 answered 503 to urn:pulumi:dev::web::hcloud:index/server:Server::web",
  ];
  for (const text of texts) expect(maskSecrets(text)).toBe(text);
});

test("a secret that was seen elsewhere is taken out wherever it stands", () => {
  expect(maskSecrets("login with correct-horse failed", ["correct-horse"])).toBe("login with [secret] failed");
});

test("names that say that they hold a secret", () => {
  for (const name of [
    "password",
    "dbPassword",
    "API_KEY",
    "clientSecret",
    "token",
    "SENTRY_AUTH_TOKEN",
    "privateKey",
  ]) {
    expect(isSecretName(name)).toBe(true);
  }
  for (const name of ["keyName", "secretName", "tokenUrl", "passwordLength", "monkey", "sshKeys", "publicKey"]) {
    expect(isSecretName(name)).toBe(false);
  }
});

test("any text is masked in bounded time and length, and a planted password never survives", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (before, after) => {
      expect(maskSecrets(`${before} password=hunter22hunter ${after}`)).not.toContain("hunter22hunter");
    }),
  );
  for (const text of [
    "a".repeat(10_000_000),
    "token".repeat(2_000_000),
    "-----BEGIN PRIVATE KEY-----".repeat(400_000),
  ]) {
    expect(maskSecrets(text).length).toBeLessThan(20_000);
  }
});
