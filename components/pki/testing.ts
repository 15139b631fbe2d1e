/** For tests only. */
import type { AuthoritySpec } from "./certificates.ts";

export const testAuthority: AuthoritySpec = {
  seed: Buffer.alloc(32, 7),
  name: "test",
  generation: 1,
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2036-01-01T00:00:00Z"),
};
