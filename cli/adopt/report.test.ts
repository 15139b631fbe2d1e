import { describe, expect, it } from "vitest";
import { importFile } from "./import-file.ts";
import { renderCounts, renderLeftOut, renderNext, renderTable } from "./report.ts";
import type { Findings } from "./resources.ts";

const findings: Findings = {
  resources: [
    { type: "Server", name: "web", id: "42" },
    { type: "Network", name: "office\u001b[2J", id: "7" },
    { type: "LoadBalancerTarget", name: "front", id: "9__label_selector__a\u001b[31m=b" },
  ],
  leftOut: [{ what: "backup image", name: "evil\u001b[1A\nname", id: "3", reason: "made by backups" }],
};

describe("what adoption says", () => {
  it("is a table of what goes into the file, by the names in it", () => {
    expect(renderTable(findings, importFile(findings.resources, "1.2.3")).split("\n")).toEqual([
      "TYPE                NAME       ID",
      "Server              web        42",
      "Network             office-2J  7",
      "LoadBalancerTarget  front      9__label_selector__a [31m=b",
    ]);
    expect(renderCounts(findings)).toBe("3 resources: 1 LoadBalancerTarget, 1 Network, 1 Server");
  });

  it("names what is left out, on a line of its own, with the reason", () => {
    expect(renderLeftOut(findings)).toBe("  backup image evil [1A name (3): made by backups");
  });

  it("says what to do next, and only what matters for what was found", () => {
    const next = renderNext(findings, "import.json");
    expect(next).toContain("pulumi import --file import.json --protect --generate-code=false");
    expect(next).toContain('would replace the server: give it ignoreChanges: ["userData","sshKeys"]');
    expect(next).not.toContain("Volume");
  });

  it("quotes a file's name for the shell", () => {
    expect(renderNext(findings, "it's; rm -rf .json")).toContain(`--file 'it'\\''s; rm -rf .json' --protect`);
  });
});
