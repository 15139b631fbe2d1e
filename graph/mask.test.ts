import { gzipSync } from "node:zlib";
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
  ["a password with the characters that end a URL's user", "postgres://app:p@ss/w0rd@db.example.eu/x", "w0rd"],
  ["the key of an error tracker's DSN", "https://0a1b2c3d4e5f@o12.ingest.example.eu/45", "0a1b2c3d4e5f"],
  ["a user alone", "amqp://shopuser@queue.example.eu", "shopuser"],
  ["a connection string of Go's", "shop:hunter22@tcp(db.example.eu:3306)/shop", "hunter22"],
  ["a connection string with names", "Server=db;User Id=shop;Password=hunter22;Encrypt=yes", "hunter22"],
  ["the short names", "PGHOST=db DB_PASS=hunter22", "hunter22"],
  ["the short names in camel case", '{"smtpPass":"hunter22"}', "hunter22"],
  ["a quoted value with blanks", '{"password": "correct horse battery"}', "horse"],
  ["a pass phrase in YAML", "users: 2\n  password: correct horse battery\n  shell: bash", "horse"],
  ["an argument of a command", "mysqldump --password hunter22 shop", "hunter22"],
  ["a user and password of a command", "curl -u shop:hunter22 https://x.example.eu", "hunter22"],
  [".netrc", "machine db.example.eu login shop password hunter22", "hunter22"],
  ["a signed URL", "https://s3.example.eu/a?X-Amz-Signature=0123456789abcdef&b=1", "0123456789abcdef"],
  ["WireGuard's keys", "PresharedKey = 3zVdTjC2hunter22hunter22abc=", "hunter22"],
  ["a service account's key", '{"type":"service_account","private_key_id":"0123abcd4567","x":1}', "0123abcd4567"],
  [
    "a service account's PEM",
    '{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIEhunter\\n-----END PRIVATE KEY-----\\n"}',
    "MIIEhunter",
  ],
  [
    "an encrypted key",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIEhunter\n-----END ENCRYPTED PRIVATE KEY-----",
    "MIIEhunter",
  ],
  [
    "a PGP key",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQVYBhunter\n-----END PGP PRIVATE KEY BLOCK-----",
    "lQVYBhunter",
  ],
  ["PuTTY's key", "PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nhunter22\nPrivate-MAC: 00", "hunter22"],
])("%s is taken out", (_, text, secret) => {
  expect(maskSecrets(text)).not.toContain(secret);
  expect(maskSecrets(text)).toContain("[secret]");
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test.each([
  ["in base64", base64("#cloud-config\npassword: hunter22\n")],
  ["in base64 in base64", base64(base64("password=hunter22"))],
  ["in base64 behind words", `content: ${base64("TOKEN=hunter22hunter")}, encoding: b64`],
  ["in base64 for URLs", Buffer.from("secret=~~~???>>>").toString("base64url")],
])("a secret %s is taken out", (_, text) => {
  expect(maskSecrets(text)).toContain("[secret]");
  expect(maskSecrets(text)).not.toMatch(/[\w+/-]{16}/);
});

test("what is packed is not shown, as nobody can see what is in it; other base64 stays", () => {
  expect(maskSecrets(`userData: ${gzipSync("password: hunter22").toString("base64")}`)).toBe("userData: [compressed]");
  const harmless = base64("#cloud-config\npackages: [nginx]\n");
  expect(maskSecrets(harmless)).toBe(harmless);
});

test("what is no secret stays", () => {
  const texts = [
    "server type cx23 is currently not available in fsn1: choose another type or location (resource_unavailable)",
    `image registry.example.eu/web@sha256:${"0123456789abcdef".repeat(4)} not found`,
    "https://registry.example.eu:5000/@shop/app and git+ssh://example.eu/shop, user@example.eu, 12:30@noon",
    "the compass: north, bypass=1, 3 checks pass; password reset was asked for",
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
    "dbPass",
    "SMTP_PASS",
    "pwd",
    "psk",
    "presharedKey",
  ]) {
    expect(isSecretName(name)).toBe(true);
  }
  for (const name of [
    "keyName",
    "secretName",
    "tokenUrl",
    "passwordLength",
    "monkey",
    "sshKeys",
    "publicKey",
    "compass",
    "bypass",
    "tresspass",
  ]) {
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
