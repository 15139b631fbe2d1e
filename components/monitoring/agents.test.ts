import { expect, test } from "vitest";
import { agentsRole, journalUploadRole, journalUrl } from "./agents.ts";

test("every machine has the node exporter, and sends its journal where there is a place for it", () => {
  const names = (url?: string) => agentsRole({ journalUrl: url }).units.map((unit) => unit.name);
  expect(names()).not.toContain("systemd-journal-upload.service");
  expect(names(journalUrl("10.0.4.4"))).toContain("systemd-journal-upload.service");
  expect(agentsRole({}).scrape).toEqual([{ job: "node", port: 9100 }]);
});

test.each(["http://10.0.4.4:19532", "https://10.0.4.4", "https://10.0.4.4:1\nKey=x", "https://u@h:1"])(
  "%j is no place for journals",
  (url) => expect(() => journalUploadRole({ url })).toThrow("expected https://NAME-OR-ADDRESS:PORT"),
);
