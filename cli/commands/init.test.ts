import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { checkStackFile } from "../../stacks/config/file.ts";
import { plain, publicKey } from "../init/testing.ts";
import { projectRoot } from "../project.ts";
import { initCommand } from "./init.ts";

let folder: string;
let output: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-init-"));
  output = join(folder, "Pulumi.production.yaml");
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<unknown> =>
  initCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(["--output", output, ...args], { from: "user" });

function answersFile(change: object = {}): string {
  const file = join(folder, "needs.yaml");
  writeFileSync(file, stringify({ ...plain, ...change }));
  return file;
}

const byFlags = [
  ...[
    "--stack",
    "production",
    "--domain",
    "shop.example.eu",
    "--data",
    "personal,static",
    "--customers",
    "consumers,finance",
  ],
  ...["--rpo", "0", "--rto", "5", "--location-rpo", "0", "--location-rto", "15", "--traffic", "DE=60,AT=20,US=20%"],
  ...["--team", "on-call", "--people", "3", "--budget", "700.50", "--admins", "203.0.113.10/32=DE,2001:db8::1/128=AT"],
  ...["--ssh-keys", publicKey, "--backup", "s3.example.eu,FR,eu-west,backups"],
];

const problemsOf = (text: string) => {
  const checked = checkStackFile(text);
  return checked.kind === "checked" ? checked.problems : [checked.message];
};

describe("without a terminal", () => {
  it("writes the configuration by flags, with the reasons in it", async () => {
    await run(...byFlags);
    const text = readFileSync(output, "utf8");
    expect(problemsOf(text)).toEqual([]);
    expect(text).toMatch(/sovereign:topology: hybrid\n/);
    expect(text).toMatch(/endpoint: s3\.example\.eu/);
    expect(text).toMatch(/# {3}20 % of the visitors \(US\) are nearer to ash/);
    expect(printed).toMatch(/multi-region-eu, three locations: \d+\.\d\d EUR/);
    expect(printed).toMatch(/pulumi stack init production/);
    expect(printed).toMatch(/EDGE_CERTIFICATE/);
    expect(readdirSync(folder)).toEqual(["Pulumi.production.yaml", "policy-settings.yaml"]);
    expect(readFileSync(join(folder, "policy-settings.yaml"), "utf8")).toMatch(
      /^ownDomains: \[shop\.example\.eu\] # .*\nflexibleClasses: \[static\] # /m,
    );
    expect(printed).toMatch(/Read policy-settings\.yaml/);
  });

  it("leaves nothing half done where one of the two files cannot be written", async () => {
    const settings = join(folder, "policy-settings.yaml");
    symlinkSync("nowhere", settings);
    await expect(run(...byFlags)).rejects.toThrow(/policy-settings\.yaml cannot be written: EEXIST/);
    expect(readdirSync(folder)).toEqual(["policy-settings.yaml"]);
    rmSync(settings);
    // There, and found only when it is written: it leads nowhere.
    symlinkSync("nowhere", output);
    await expect(run(...byFlags)).rejects.toThrow(/Pulumi\.production\.yaml exists already/);
    expect(readdirSync(folder)).toEqual(["Pulumi.production.yaml"]);
  });

  it("tells programs what a settings file lacks that was there", async () => {
    writeFileSync(join(folder, "policy-settings.yaml"), "ownDomains: [example.eu]\n");
    await run(...byFlags, "--json");
    expect(JSON.parse(printed)).toMatchObject({ settings: null, settingsMissing: { flexibleClasses: ["static"] } });
  });

  it("takes answers from a file, and flags before them", async () => {
    await run("--answers", answersFile(), "--budget", "1", "--json", "--dry-run");
    const found = JSON.parse(printed);
    expect(found).toMatchObject({ topology: "single-region", budget: 1, isWithinBudget: false, file: null });
    expect(found.givenUp.map(({ because }: { because: string }) => because)).toContain("budget");
    expect(existsSync(output)).toBe(false);
  });

  it("names everything that is missing and wrong at once", async () => {
    const [, , ...rest] = byFlags;
    const without = rest.filter((_, index) => !["--rpo", "--team"].includes(rest[index - (index % 2)]!));
    const refused = run(
      ...without,
      "--domain",
      "shop",
      "--locationRpo".replace("R", "-r"),
      "soon",
      "--traffic",
      "DE=60,XX=10",
    );
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
    const { message } = (await refused.catch((error: unknown) => error)) as Error;
    expect(message).toContain("these have to be given: --stack, --rpo, --team");
    expect(message).toMatch(/--domain: is not a domain name/);
    expect(message).toMatch(/--location-rpo: is not a whole number of seconds/);
    expect(message).toMatch(/--traffic: .*ISO 3166-1/);
  });

  it.each<[string, object, string]>([
    ["shares that do not come to 100", { traffic: { DE: 60 } }, "--traffic: comes to 60 %: shares come to 100"],
    ["a class twice", { data: ["static", "static"] }, "--data: names one twice"],
    ["no such class", { data: ["secret"] }, "--data: 0 is none of personal"],
    ["a time that nothing reaches", { rto: 0 }, "--rto: is less than a minute"],
    ["no key", { sshKeys: [] }, "--ssh-keys: is empty"],
    [
      "administrators outside the EU",
      { admins: [{ cidr: "203.0.113.10/32", country: "US" }] },
      "--admins: 0.country is not the ISO code",
    ],
    ["the whole internet", { admins: [{ cidr: "0.0.0.0/0", country: "DE" }] }, "open to the whole internet"],
    [
      "a store without a bucket",
      { backup: { endpoint: "s3.example.eu" } },
      "--backup: is neither hetzner, none nor a store",
    ],
    ["a key that opens the core too", { edgeSshKeys: [publicKey] }, "--edge-ssh-keys: 0 opens the core too"],
    [
      "a path for a class that is not there",
      { data: ["personal"], edgePaths: [{ path: "/a/", class: "static" }] },
      "--edge-paths: 0.class is static, which is not among the data",
    ],
    ["everything at the edge", { edgePaths: [{ path: "/", class: "static" }] }, "--edge-paths: 0.path is everything"],
    ["a name that is too long for machines", { stack: "a".repeat(25) }, "--stack: is not a name of at most 24"],
  ])("refuses %s", async (_, change, message) => {
    await expect(run("--answers", answersFile(change))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    });
    expect(existsSync(output)).toBe(false);
  });

  it.each([
    ["colour: red\n", "has no such answer: colour"],
    ["[1, 2]", "has no answers"],
    ["a: [", "is no YAML"],
    ["a: &a [1]\nb: *a\n", "alias"],
    [`stack: ${"x".repeat(70_000)}`, "is larger than 65536 bytes"],
  ])("refuses a file of answers that is none (%#)", async (text, message) => {
    const file = join(folder, "needs.yaml");
    writeFileSync(file, text);
    await expect(run("--answers", file)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(message, "i")),
    });
  });

  it("never takes a private key for a public one", async () => {
    const key = join(folder, "id_ed25519");
    writeFileSync(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n");
    const refused = run("--answers", answersFile({ sshKeys: [key] }));
    await expect(refused).rejects.toThrow(/is a private key: give the public one/);
    await expect(refused).rejects.not.toThrow(/secret/);
  });
});

describe("a file that is there already", () => {
  it("stays as it is", async () => {
    writeFileSync(output, "mine");
    await expect(run(...byFlags)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/exists already/),
    });
    expect(readFileSync(output, "utf8")).toBe("mine");
  });

  it("goes with --force, but for what only it has", async () => {
    writeFileSync(
      output,
      'encryptionsalt: v1:abc\nconfig:\n  hcloud:token:\n    secure: v1:x\n  sovereign:postgres:\n    backup:\n      accessKey: {secure: "v1:y"}\n',
    );
    await run(...byFlags, "--force");
    const text = readFileSync(output, "utf8");
    expect(text).toMatch(/^encryptionsalt: v1:abc$/m);
    expect(text).toMatch(/hcloud:token:\n {4}secure: v1:x/);
    expect(problemsOf(text)).toEqual([]);
    expect(printed).toMatch(/Encrypted before, and to be set again: postgres\.backup\.accessKey/);
  });
});

interface Session {
  readonly code: number;
  readonly screen: string;
  readonly left: number;
}

/** The command in a terminal, with keys for what it asks. */
async function inTerminal(
  args: readonly string[],
  steps: readonly (readonly [string, readonly string[]])[],
): Promise<Session> {
  const command = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    join(projectRoot, "cli/main.ts"),
    "init",
    ...args,
  ];
  const { stdout } = await execa("python3", [join(projectRoot, "cli/init/testing-terminal.py")], {
    input: JSON.stringify({ command, steps }),
    env: { NO_COLOR: "1", TERM: "xterm" },
    cwd: projectRoot,
  });
  return JSON.parse(stdout);
}

const enter = "\r";
const down = "\u001b[B";
const controlC = "\u0003";

describe("in a terminal", { timeout: 300_000 }, () => {
  it("asks for what is missing, says when an answer is wrong, and writes after a yes", async () => {
    const answers = answersFile();
    const { rpo: _, people: __, ...rest } = plain;
    writeFileSync(answers, stringify(rest));
    const { code, screen, left } = await inTerminal(
      ["--answers", answers, "--output", output],
      [
        ["What may be lost when a machine is lost", [down, down, enter]],
        ["How many people", ["\u007f", "0", enter]],
        ["is nobody", ["\u007f", "4", enter]],
        ["Is the zone of shop.example.eu", [enter]],
        ["Write ", [enter]],
      ],
    );
    expect({ code, left }).toEqual({ code: 0, left: 0 });
    expect(screen).toContain("the writes of 60 s");
    expect(problemsOf(readFileSync(output, "utf8"))).toEqual([]);
  });

  it.each([
    ["the first question", [["What is the stack called", [controlC]]]],
    [
      "the last one",
      [
        ["What is the stack called", [enter]],
        ["Is the zone", [enter]],
        ["Write ", [controlC]],
      ],
    ],
  ] as const)("Ctrl-C at %s leaves nothing behind", async (_, steps) => {
    const { stack: __, ...rest } = plain;
    const answers = answersFile();
    writeFileSync(answers, stringify(rest));
    const { code, screen } = await inTerminal(["--answers", answers, "--output", output], steps);
    expect(code).toBe(130);
    expect(screen).toContain("Nothing is written.");
    expect(readdirSync(folder)).toEqual(["needs.yaml"]);
  });
});
