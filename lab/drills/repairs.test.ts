import { expect, it } from "vitest";
import { Repairs } from "./repairs.ts";

it("undoes the last first, each once", async () => {
  const repairs = new Repairs();
  const done: string[] = [];
  for (const what of ["a", "b"]) {
    await repairs.breaking(
      what,
      async () => void done.push(`break ${what}`),
      async () => void done.push(`undo ${what}`),
    );
  }
  await repairs.heal();
  await repairs.heal();
  expect(done).toEqual(["break a", "break b", "undo b", "undo a"]);
});

it("undoes what was begun and failed", async () => {
  const repairs = new Repairs();
  let undone = false;
  const breaking = repairs.breaking(
    "a",
    async () => {
      throw new Error("half way");
    },
    async () => {
      undone = true;
    },
  );
  await expect(breaking).rejects.toThrow("half way");
  await repairs.heal();
  expect(undone).toBe(true);
});

it("goes on after one that cannot be undone, and names it", async () => {
  const repairs = new Repairs();
  let undone = false;
  await repairs.breaking(
    "first",
    async () => {},
    async () => {
      undone = true;
    },
  );
  await repairs.breaking(
    "second",
    async () => {},
    async () => Promise.reject(new Error("no such machine")),
  );
  await expect(repairs.heal()).rejects.toThrow("second: no such machine");
  expect(undone).toBe(true);
  expect(repairs.pending).toBe(0);
});
