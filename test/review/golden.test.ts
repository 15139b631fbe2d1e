import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSettings } from "../../policies/index.ts";
import { sceneOf } from "../../review/picture/scene.ts";
import { reviewed } from "../../review/testing.ts";
import { golden } from "./golden.ts";

const folder = join(import.meta.dirname, "previews");
const nameOf = (file: string): string => (file.includes(".") ? file : `${file}.jsonl`);
const approval = (resource: string) => ({
  resource,
  reason: "Restored a copy on another machine on Friday",
  approvedBy: "Ada Lovelace",
  expiresAt: "2026-12-31",
});

describe("golden previews", () => {
  for (const { file, verdict, reasons = [], guard = [], delta, approved = [], settings } of golden) {
    const given = `${approved.length > 0 ? `, ${approved.join(" and ")} approved` : ""}${settings ? ", with settings" : ""}`;
    test(`${file}${given}: ${verdict}`, async () => {
      const text = readFileSync(join(folder, nameOf(file)), "utf8");
      const review = await reviewed(
        text,
        { approved: approved.map(approval), ...(settings && { settings: parseSettings(settings) }) },
        file,
      );
      const heavy = review.verdict.reasons.filter(({ weight }) => weight !== "note").map((reason) => reason.text);
      expect({ verdict: review.verdict.word, heavy }).toEqual({
        verdict,
        heavy: verdict === "safe" ? [] : expect.anything(),
      });
      for (const reason of reasons) expect(heavy).toContainEqual(expect.stringMatching(reason));
      expect(review.guard.map(({ resource }) => resource.name).sort()).toEqual([...guard].sort());
      if (delta !== undefined) expect(review.cost.delta).toBeCloseTo(delta, 2);
    });
  }

  test("every preview has a verdict that it must get", () => {
    const known = new Set(golden.map(({ file }) => nameOf(file)));
    expect(readdirSync(folder).filter((file) => !known.has(file))).toEqual(["composed-cut.jsonl"]);
  });

  test("a stream that was cut gives no review, and the line", async () => {
    const text = readFileSync(join(folder, "composed-cut.jsonl"), "utf8");
    await expect(reviewed(text, {}, "cut.jsonl")).rejects.toThrow(
      /cut\.jsonl, line 2: the stream ends here without a summary/,
    );
  });

  test("what was renamed is told with the alias that keeps it", async () => {
    const review = await reviewed(readFileSync(join(folder, "shop-database-renamed.jsonl"), "utf8"));
    expect(review.changes.aliases).toMatchObject([
      {
        from: { name: "database" },
        to: { name: "postgres" },
        covers: 4,
        option: expect.stringContaining("::database"),
      },
    ]);
    expect(review.guard.every(({ alias }) => alias?.to.name === "postgres")).toBe(true);
  });

  test("from one location to three: who talks to whom, in each place and between them", async () => {
    const review = await reviewed(readFileSync(join(folder, "multi-region-from-single-region.jsonl"), "utf8"));
    const { zones, edges } = sceneOf(review.topology);
    const zone = (city: string) => zones.find(({ title }) => title.includes(city))!;
    for (const city of ["Falkenstein", "Nuremberg", "Helsinki"]) {
      const { boxes } = zone(city);
      expect(boxes.every(({ inNetwork }) => inNetwork)).toBe(true);
      const of = (role: string) => boxes.find((box) => box.role === role)!.id;
      const line = (from: string, to: string) =>
        edges.find((edge) => edge.from === of(from) && edge.to === of(to))?.label;
      expect(line("app", "postgres")).toBe("5432, 8008");
      expect(line("app", "redis")).toBe("6379, 6380");
    }
    const between = edges.filter(({ kind }) => kind === "between");
    expect(between).toHaveLength(3);
    for (const { label } of between) expect(label).toMatch(/postgres .*/);
    expect(edges.some(({ leaves }) => leaves)).toBe(false);
  });

  test("from hybrid back to one location: nothing that holds data is touched but for its labels", async () => {
    const review = await reviewed(readFileSync(join(folder, "hybrid-to-single-region.jsonl"), "utf8"));
    const gone = review.changes.components
      .flatMap(({ resources }) => resources)
      .filter(({ type, action }) => /:Server$|:Volume$/.test(type) && action !== "update")
      .map(({ name, action }) => `${action} ${name}`);
    const first = ["replace webshop-app-fsn1-1", "replace webshop-app-fsn1-2"];
    const elsewhere = ["app-hel1-1", "app-hel1-2", "app-nbg1-1", "app-nbg1-2", "edge-ash-1"];
    expect(gone.sort()).toEqual([...elsewhere.map((name) => `delete webshop-${name}`), ...first]);
  });

  test("a first deployment has nothing to announce and nothing to lose", async () => {
    const review = await reviewed(readFileSync(join(folder, "shop-first.jsonl"), "utf8"));
    expect(review.about.firstDeployment).toBe(true);
    expect(review.sovereignty.notices).toEqual([]);
  });
});
