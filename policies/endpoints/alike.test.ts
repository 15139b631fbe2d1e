import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inCommon, withOtherNumbers, withoutNumbers } from "./alike.ts";
import { forget } from "./collector.ts";
import { forgetFiles } from "./files.ts";
import { extract } from "./index.ts";

describe("numbers that stand by themselves", () => {
  test.each([
    ['"content":"--id 4711\\n"', '"content":"--id 1111\\n"'],
    ['"hostname":"web-17","x"', '"hostname":"web-11","x"'],
    ['"A=8\\nB 12 c"', '"A=1\\nB 11 c"'],
  ])("are made the same in %s", (raw, expected) => expect(withoutNumbers(raw)).toBe(expected));

  test.each([
    "http://134744072/",
    "8.8.8.8 1.2",
    ":5432 ",
    '"web-17":1',
    "base-64 = x",
    "base-64: x",
    "\\u0041",
    " 123456789012\\n",
    '"17"',
    "\\n17\\n",
    "<<17\\n",
    " 1 : a",
  ])("stay in %s", (raw) => expect(withoutNumbers(raw)).toBe(raw));

  test("other numbers differ in every digit, and in nothing else", () => {
    expect(withOtherNumbers("a=1211 b-1\\n 8.8.8.8 ")).toBe("a=2122 b-2\\n 8.8.8.8 ");
  });

  test("private addresses become one of their length", () => {
    expect(inCommon('"x=10.0.3.17\\n"')).toBe('"x=10.1.1.11\\n"');
    expect(inCommon('"x=110.0.3.17\\n"')).toBe('"x=110.0.3.17\\n"');
  });
});

/** Pieces of lines that machines' files are made of, with `#` where a machine has a number of its own. */
const piece = fc.constantFrom(
  ..."# | -# | =#|a=#| web-# |=web-#\\n|\n|\\\n|\"|'|$|`|(|)|{|}|[|]|<|>|;|,|:|//|/|.|@|%".split("|"),
  "\n",
  " ",
  "# ",
  "http://$IP/\n",
  "IP=#\n",
  "IP=134744072\n",
  "https://",
  "o42.ingest.us.sentry.io",
  "8.8.8.8 ",
  "10.0.0.# ",
  "nameserver ",
  "docker run -p # app-#\n",
  "image: app-#\n",
  "ssh host-# ",
  "host = db-#\n",
  "b-# = aHR0cHM6Ly9sZWFrLmV4YW1wbGUuY29tLw==\n",
  "encoding: b64\n",
  "cat <<EOF-#\n",
  "EOF-#\n",
  "<<#\n",
  "key # : value\n",
  "- &a-# x\n- *a-# \n",
  "#!/bin/sh\n",
  "for i in # #; do curl https://api$i.example.com; done\n",
  "[Unit]\n",
  "ExecStart=/usr/bin/app --server db-#.example.com --id # \n",
  "version # 1.2.3.4 ",
  "echo aHR0cHM6Ly9sZWFrLmV4YW1wbGUu | base64 -d -w #\n",
  "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo= ",
  "1234567890123456",
  "type = drive\n",
  "provider=cloudflare-# ",
  '{"a # ":"https://leak-#.example.com"}',
  "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n",
);
const template = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""));
const numbers = fc.array(fc.nat({ max: 99_999_999_999 }), { minLength: 1, maxLength: 8 });

/** Numbers of the same lengths, so that the texts are alike. */
const filled = (text: string, given: readonly number[], shift: number): string => {
  let at = 0;
  return text.replaceAll("#", () =>
    String(given[at++ % given.length]).replace(/\d/g, (digit) => String((Number(digit) + shift) % 10)),
  );
};

function machine(contents: readonly string[], commands: readonly string[], given: readonly number[], shift: number) {
  const config = filled(
    JSON.stringify({
      hostname: "web-#",
      write_files: contents.map((content, i) => ({ path: `/etc/file-${i}-#`, content })),
      runcmd: commands,
    }),
    given,
    shift,
  );
  return { userData: `#cloud-config\n${config}` };
}

describe("machines that are alike", () => {
  test("are read as if each were the only one", () => {
    fc.assert(
      fc.property(
        fc.array(template, { minLength: 1, maxLength: 3 }),
        fc.array(template, { maxLength: 3 }),
        numbers,
        fc.integer({ min: 1, max: 9 }),
        (contents, commands, given, shift) => {
          const one = machine(contents, commands, given, 0);
          const other = machine(contents, commands, given, shift);
          const alone = fresh(other);
          fresh(one);
          expect(extract(other, "hcloud:index/server:Server")).toEqual(alone);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("but for the number that an address is made of", () => {
    const script = (ip: number) => machine([`#!/bin/sh\nIP=${ip}\ncurl http://$IP/\n`], [], [1], 0);
    expect(fresh(script(167_772_161)).endpoints).toEqual([]);
    expect(extract(script(134_744_072), "t").endpoints.map(({ host }) => host)).toEqual(["8.8.8.8"]);
  });

  test("are looked through once where nothing else differs", () => {
    const unit = (i: number) => machine([`[Service]\nExecStart=/opt/app --id ${i}\n`], ["systemctl start app"], [7], 0);
    expect(fresh(unit(4711))).toEqual(extract(unit(4712), "t"));
  });
});

function fresh(properties: Readonly<Record<string, string>>) {
  forget();
  forgetFiles();
  return extract(properties, "hcloud:index/server:Server");
}
