import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { labEnvironment, labVariables, MISLEADING_VARIABLES, renderExports } from "./environment.ts";

const lab = {
  name: "default",
  endpoint: "http://127.0.0.1:4570/v1",
  process: { pid: 2, port: 4570, started: "" },
  files: {
    folder: "/p",
    data: "/p/api",
    state: "/a path/with 'quotes'",
    secrets: "",
    process: "",
    log: "",
    machines: "/m",
  },
  secrets: {
    token: "t".repeat(64),
    passphrase: "p",
    backupAccessKey: "A",
    backupSecretKey: "s",
    certificate: "the-certificate",
    certificateKey: "the-key",
    edgeCertificate: "edge",
    edgeCertificateKey: "edge-key",
  },
};
const toolchain = { env: { PULUMI_HOME: "/home/u/.cache/x" } };

describe("what a shell sets", () => {
  it("leads the engine, the provider and the program to the lab", () => {
    expect(labVariables(lab, toolchain)).toEqual({
      PULUMI_HOME: "/home/u/.cache/x",
      HCLOUD_TOKEN: "t".repeat(64),
      HCLOUD_ENDPOINT: "http://127.0.0.1:4570/v1",
      PULUMI_BACKEND_URL: "file:///a%20path/with%20'quotes'",
      PULUMI_CONFIG_PASSPHRASE: "p",
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
      BACKUP_ACCESS_KEY: "A",
      BACKUP_SECRET_KEY: "s",
      ENTRANCE_CERTIFICATE: "the-certificate",
      ENTRANCE_CERTIFICATE_KEY: "the-key",
      EDGE_CERTIFICATE: "edge",
      EDGE_CERTIFICATE_KEY: "edge-key",
      ALERT_WEBHOOK_URL: "http://198.19.255.90/",
    });
  });

  it("unsets what would lead elsewhere", () => {
    const misled = Object.fromEntries(MISLEADING_VARIABLES.map((name) => [name, "elsewhere"]));
    const environment = labEnvironment(lab, toolchain, { ...misled, HCLOUD_TOKEN: "of a real project", LANG: "C" });
    expect(Object.values(environment)).not.toContain("elsewhere");
    expect(environment).toMatchObject({ HCLOUD_TOKEN: "t".repeat(64), LANG: "C" });
  });

  it.each(["bash", "sh"])("%s reads back every value, whatever is in it, and runs none of it", (shell) => {
    const values = ["plain", "two words", "it's", "$(exit 3)", "`exit 3`", "a\nb", '"$HOME"', "\\", "!x", "; exit 3"];
    const variables = Object.fromEntries(values.map((value, i) => [`V${i}`, value]));
    const print = values.map((_, i) => `printf '%s\\0' "$V${i}"`).join("\n");
    const text = renderExports(variables, "sh");
    const env = { PATH: process.env.PATH, PULUMI_ACCESS_TOKEN: "real" };
    const script = `eval "$TEXT"\n${print}\nprintf '%s\\0' "\${PULUMI_ACCESS_TOKEN-unset}"`;
    const output = execFileSync(shell, ["-c", script], { env: { ...env, TEXT: text }, encoding: "utf8" });
    expect(output.split("\0").slice(0, -1)).toEqual([...values, "unset"]);
  });

  it("quotes for fish as fish reads it", () => {
    expect(renderExports({ V: "it's \\ $x" }, "fish").split("\n").at(-1)).toBe("set -gx V 'it\\'s \\\\ $x';");
  });
});
