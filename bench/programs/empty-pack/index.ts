import { PolicyPack } from "@pulumi/policy";

/** A pack that judges nothing: what the engine spends on any pack. */
new PolicyPack("empty", {
  policies: [
    { name: "nothing", description: "Judges nothing.", enforcementLevel: "advisory", validateResource: () => {} },
  ],
});
