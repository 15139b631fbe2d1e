/** The plugin of dynamic providers: @pulumi/pulumi's own, as installed where the program is. */
import { onEngineGone } from "./orphan.ts";
import { sdkRequire } from "./sdk.ts";

onEngineGone(() => process.exit(0));
sdkRequire()("./cmd/dynamic-provider");
