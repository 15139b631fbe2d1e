import { servePack } from "../packs/pack.ts";

servePack(
  "operations",
  "What holds data is protected and backed up; nothing is open to the internet that need not be.",
);
