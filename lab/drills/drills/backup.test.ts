import { expect, it } from "vitest";
import { wrongKeyProblem } from "./backup.ts";

const options =
  "P00   INFO: restore command begin 2.55.0: --config=/run/x.conf --repo1-cipher-pass=<redacted> --repo1-cipher-type=aes-256-cbc\n";

it("a wrong key is told by pgBackRest's error, not by the options that it lists before", () => {
  expect(
    wrongKeyProblem(`${options}P00  ERROR: [029]: unable to load info file: CryptoError: cipher header invalid\n`),
  ).toBe(undefined);
  expect(wrongKeyProblem(`${options}P00  ERROR: [055]: unable to open missing file for read\n`)).toContain(
    "it says: ERROR: [055]",
  );
  expect(wrongKeyProblem(options)).toContain("no error");
  expect(wrongKeyProblem("")).toBe("it tells of no error: it says nothing");
});
