import fc from "fast-check";
import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { quoteEnvironment } from "./environment.ts";

describeWithDebian("values in the environment file", (debian) => {
  test("come out as they went in, whatever is in them", async () => {
    const values = fc.sample(
      fc.string({ unit: "grapheme", maxLength: 40 }).filter((v) => !/[\0\r]/.test(v)),
      200,
    );
    values.push("a\nb", '"', "\\", "$HOME", "`id`", "'", '\\"', "#x", " spaces ", "100%");
    const file = values.map((value, index) => `V${index}="${quoteEnvironment(value)}"\n`).join("");
    // The shell reads double quotes by the rules that systemd has taken over for its files.
    const { code, stdout } = await debian.run({
      files: { "/env": file },
      argv: ["/bin/sh", "-c", "set -a; . /env; exec python3 -c 'import os, json; print(json.dumps(dict(os.environ)))'"],
    });
    expect(code).toBe(0);
    const seen = JSON.parse(stdout) as Record<string, string>;
    expect(values.map((_, index) => seen[`V${index}`])).toEqual(values);
  });
});
