import { servePack } from "../packs/pack.ts";

servePack(
  "sovereignty",
  "Nothing outside the EU, under no owner outside it, through no third party that nobody approved.",
);
