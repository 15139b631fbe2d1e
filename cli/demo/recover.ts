import type { Display } from "./display.ts";
import type { EngineContext } from "./engine.ts";
export async function recover(_context: EngineContext, _display: Display): Promise<void> {}
