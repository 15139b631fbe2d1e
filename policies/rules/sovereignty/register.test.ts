import { describe, expect, test } from "vitest";
import { found } from "../testing.ts";
import { registerReview } from "./register.ts";

describe("the register's review", () => {
  const reviewed = (entry: object, settings: unknown = {}) =>
    found(registerReview, [], { services: [{ endpoint: "api.shop-mail.de", ...entry }], settings });

  test("from the day after its date on it is overdue", () => {
    expect(reviewed({ reviewDate: "2026-11-22" })).toEqual([]);
    expect(reviewed({ reviewDate: "2026-11-21" })[0]).toMatchObject({
      severity: "refuse",
      outcome: "violation",
      resource: { urn: "register#api.shop-mail.de", type: "approved-service", name: "api.shop-mail.de" },
      subject: { host: "api.shop-mail.de", vendor: "Example" },
      message: "The review of api.shop-mail.de (Example) was due on 2026-11-21.",
    });
  });

  test("one under another law is shown", () => {
    expect(reviewed({ jurisdiction: "US" })[0]).toMatchObject({
      severity: "warn",
      outcome: "violation",
      subject: { jurisdiction: "US" },
      message: "api.shop-mail.de (Example) is approved, and under the law of United States.",
    });
    expect(reviewed({ jurisdiction: "CH" })).toHaveLength(1);
    expect(reviewed({ jurisdiction: "CH" }, { adequate: "allow" })).toEqual([]);
    expect(reviewed({ jurisdiction: "NO" })).toEqual([]);
  });
});
