// The vendor's language host starts packs through ts-node, which refuses imports that end in .ts; from here Node itself takes over.
import "./index.ts";
