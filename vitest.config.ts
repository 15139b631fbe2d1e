import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const machines = "**/*.machines.test.ts";

/** What all tests have in common. */
const common = {
  exclude: ["node_modules/**"],
  // Generous: on a busy machine a property test takes ten times as long. Speed belongs into bench/.
  testTimeout: 60_000,
  // Messages are compared as text, also where a CI asks for colours.
  env: { NO_COLOR: "1" },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "tests",
          include: ["**/*.test.ts"],
          exclude: [...common.exclude, machines],
          // Many tests wait for programs: on two cores vitest's default of one worker leaves a core idle.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      {
        // One after another, and with nothing beside them: they measure how long real machines take.
        test: { ...common, name: "machines", include: [machines], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
