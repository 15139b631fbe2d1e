import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**"],
    // Generous: on a busy machine a property test takes ten times as long. Speed belongs into bench/.
    testTimeout: 60_000,
    // Messages are compared as text, also where a CI asks for colours.
    env: { NO_COLOR: "1" },
  },
});
