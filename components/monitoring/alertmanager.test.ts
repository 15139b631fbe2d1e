import { describe, expect, test } from "vitest";
import { secretNames } from "../host/secret-token.ts";
import { type Receiver, receiverEgress, receiverFiles, receiverProblems, renderAlertmanager } from "./alertmanager.ts";
import { testReceivers } from "./testing.ts";

test("alertmanager.yml", () => {
  expect(renderAlertmanager(testReceivers)).toMatchSnapshot();
});

test("secrets are in files of their own, readable by Alertmanager only", () => {
  expect(secretNames(renderAlertmanager(testReceivers))).toEqual([]);
  const files = receiverFiles(testReceivers);
  expect(files.map((file) => [secretNames(file.content), file.mode, file.owner])).toEqual([
    [["alert-receiver.on-call"], "0640", "root:prometheus"],
    [["alert-receiver.team"], "0640", "root:prometheus"],
  ]);
  for (const file of files) expect(renderAlertmanager(testReceivers)).toContain(file.path);
});

test("the default tells nobody", () => {
  expect(renderAlertmanager([])).not.toMatch(/http|smtp|smarthost/);
  expect(receiverEgress([])).toEqual([]);
});

describe("problems", () => {
  const webhook: Receiver = { kind: "webhook", name: "a", url: "https://a.example.eu/" };
  test.each([
    ["a name for a path", { ...webhook, name: "../a" }, "receivers[0].name"],
    ["the name of the default", { ...webhook, name: "nobody" }, "receivers[0].name"],
    ["no web address", { ...webhook, url: "file:///etc/passwd" }, "receivers[0].url"],
    ["a password in the address", { ...webhook, url: "https://u:p@a.example.eu/" }, "receivers[0].url"],
    ["not a URL", { ...webhook, url: "a.example.eu" }, "receivers[0].url"],
    ["a mail server without port", { ...testReceivers[2]!, smarthost: "mail" }, "receivers[0].smarthost"],
    ["a port out of range", { ...testReceivers[2]!, smarthost: "mail:70000" }, "receivers[0].smarthost"],
  ] as [string, Receiver, string][])("%s", (_, receiver, place) => {
    const found = receiverProblems([receiver]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(place);
    expect(found[0]).not.toContain("u:p@");
  });

  test("two of one name, all reported together", () => {
    expect(receiverProblems([webhook, webhook, { ...webhook, url: "x" }])).toHaveLength(3);
    expect(receiverProblems(testReceivers)).toEqual([]);
  });
});
