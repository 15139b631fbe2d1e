import { expect, it } from "vitest";
import { stackSchema } from "./config/schema.ts";
import { workloadOf } from "./workload.ts";

it("hands the archive of a service on as it stands, and none where there is none", () => {
  const archive = { url: "https://store.example.eu/shop.tar.gz", sha256: "0".repeat(64), country: "DE" };
  const of = (given: object) =>
    workloadOf(
      stackSchema.shape.app.parse({ workload: { kind: "service", command: ["/opt/app/shop"], ...given } }).workload,
      "/",
    );
  expect(of({ archive })).toMatchObject({ archive });
  expect(of({})).not.toHaveProperty("archive");
});
