import { afterEach, expect, it, vi } from "vitest";
import { receiversOf } from "./receivers.ts";

const none = { monitoring: { receivers: [] } } as unknown as Parameters<typeof receiversOf>[0];
const mail = { kind: "email", to: "a@example.eu" };
const some = { monitoring: { receivers: [mail] } } as unknown as Parameters<typeof receiversOf>[0];

afterEach(() => vi.unstubAllEnvs());

it("the environment names a webhook where the configuration names nobody", () => {
  vi.stubEnv("ALERT_WEBHOOK_URL", "http://192.0.2.1/");
  expect(receiversOf(none)).toEqual([{ kind: "webhook", url: "http://192.0.2.1/" }]);
  expect(receiversOf(some)).toEqual([mail]);
  vi.stubEnv("ALERT_WEBHOOK_URL", "");
  expect(receiversOf(none)).toEqual([]);
});
