import { expect, it } from "vitest";
import { wrongKeyProblem } from "./backup.ts";

const options =
  "P00   INFO: restore command begin 2.55.1: --config=/run/x.conf --repo1-cipher-pass=<redacted> --repo1-cipher-type=aes-256-cbc\n";
const unconfirmed = "P00   WARN: --delta or --force specified but unable to find 'PG_VERSION'\n";
const nothing = "P00  ERROR: [075]: no backup set found to restore\n";

it("a wrong key is told by what cannot be read in the store", () => {
  const unread = (error: string) => `P00   WARN: repo1: [${error}] unable to load info file '/x/backup.info':\n`;
  expect(wrongKeyProblem(options + unconfirmed + unread("FormatError") + nothing)).toBeUndefined();
  expect(wrongKeyProblem(options + unread("CryptoError") + nothing)).toBeUndefined();
  expect(
    wrongKeyProblem(`${options}P00  ERROR: [029]: unable to load: CryptoError: cipher header invalid\n`),
  ).toBeUndefined();
});

it("and not by the options that are listed before it, by an empty store, or by one that cannot be reached", () => {
  expect(wrongKeyProblem(options + unconfirmed + nothing)).toContain("it says: ERROR: [075]");
  expect(wrongKeyProblem(`${options}P00   WARN: repo1: [HostConnectError] timeout\n${nothing}`)).toContain(
    "HostConnectError",
  );
  expect(wrongKeyProblem(options)).toContain("no error");
  expect(wrongKeyProblem("")).toBe("it tells of no error: it says nothing");
});
