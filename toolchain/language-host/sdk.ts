import { createRequire } from "node:module";
import path from "node:path";

/**
 * A `require` that stands in the folder of @pulumi/pulumi: the one that is seen from the folder the engine works in,
 * else the one of the project this host was installed from.
 * @throws when there is neither.
 */
export function sdkRequire(
  places: readonly (string | undefined)[] = [process.cwd(), process.env.SOVEREIGN_LANGUAGE_HOST_ORIGIN],
): NodeJS.Require {
  for (const place of places) {
    if (!place) continue;
    try {
      return createRequire(createRequire(path.join(place, "program.js")).resolve("@pulumi/pulumi/package.json"));
    } catch {}
  }
  throw new Error(`@pulumi/pulumi is not installed in ${process.cwd()} or above it: run "npm ci" there first`);
}
