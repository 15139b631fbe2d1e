/** The plugin of dynamic providers: @pulumi/pulumi's own, as installed where the program is. */
import { sdkRequire } from "./sdk.ts";

sdkRequire()("./cmd/dynamic-provider");
