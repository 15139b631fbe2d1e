import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverTypes } from "../../catalogue/hetzner/server-types.ts";
import { memoryBoundMb, type Sizing, sizeFor } from "./sizing.ts";

const cores = fc.integer({ min: 1, max: 192 });
const memoryGb = fc.integer({ min: 2, max: 2048 });

/** Settings that may not shrink when a machine grows. `work_mem` is a share: more cores divide it among more connections. */
const growing = (size: Sizing) => [
  size.sharedBuffersMb,
  size.effectiveCacheSizeMb,
  size.maxConnections,
  size.maintenanceWorkMemMb,
  size.maxWorkerProcesses,
  size.maxParallelWorkers,
  size.maxParallelWorkersPerGather,
];

describe("settings from the size of the machine", () => {
  it("give the template's for 8 cores and 64 GB", () => {
    expect(sizeFor({ cores: 8, memoryGb: 64 })).toMatchObject({
      sharedBuffersMb: 16 * 1024,
      effectiveCacheSizeMb: 48 * 1024,
      maxConnections: 200,
    });
  });

  it.each([
    [2, 4, 50],
    [2, 8, 100],
    [4, 8, 100],
    [8, 16, 200],
    [48, 192, 500],
  ])("give %i cores and %i GB %i connections", (c, m, connections) => {
    expect(sizeFor({ cores: c, memoryGb: m }).maxConnections).toBe(connections);
  });

  it("never ask for more memory than the machine has", () => {
    fc.assert(
      fc.property(cores, memoryGb, (c, m) => {
        expect(memoryBoundMb(sizeFor({ cores: c, memoryGb: m }))).toBeLessThanOrEqual(m * 1024);
      }),
    );
    for (const { cores, memoryGb } of serverTypes) {
      expect(memoryBoundMb(sizeFor({ cores, memoryGb }))).toBeLessThan(memoryGb * 1024);
    }
  });

  it("never shrink when the machine grows", () => {
    fc.assert(
      fc.property(cores, memoryGb, fc.nat(64), fc.nat(512), (c, m, moreCores, moreMemory) => {
        const small = growing(sizeFor({ cores: c, memoryGb: m }));
        const large = growing(sizeFor({ cores: c + moreCores, memoryGb: m + moreMemory }));
        small.forEach((value, index) => {
          expect(large[index]).toBeGreaterThanOrEqual(value);
        });
      }),
    );
  });

  it("keep what all connections may take together to a part of the memory that is left beside the buffers", () => {
    fc.assert(
      fc.property(cores, memoryGb, (c, m) => {
        const size = sizeFor({ cores: c, memoryGb: m });
        const left = m * 1024 - size.sharedBuffersMb;
        expect((size.maxConnections + size.maxParallelWorkers) * size.workMemMb).toBeLessThan(left);
      }),
    );
  });
});
