/** Faults as people write them: `latency:ms=200,path=/servers`. */
import { type FaultSpec, faultSchema } from "../api/core/faults.ts";
import { LabError } from "./files.ts";

const types = faultSchema.options.map((option) => option.shape.type.value);

function decode(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** @throws LabError that names what does not fit */
export function parseFault(text: string): FaultSpec {
  const [type = "", ...rest] = text.split(":");
  const pairs = rest.join(":").split(",").filter(Boolean);
  const wrong = (why: string) => new LabError(`fault ${JSON.stringify(text)}: ${why}`);
  const settings = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw wrong(`${JSON.stringify(pair)} is not KEY=VALUE; write TYPE:KEY=VALUE,KEY=VALUE`);
    return [pair.slice(0, at), decode(pair.slice(at + 1))];
  });
  if (!types.includes(type as never)) throw wrong(`the type is one of ${types.join(", ")}`);
  const parsed = faultSchema.safeParse({ ...Object.fromEntries(settings), type });
  if (parsed.success) return parsed.data;
  throw wrong(
    parsed.error.issues
      .map((issue) => (issue.path.length ? `${issue.path.join(".")}: ${issue.message}` : issue.message))
      .join("; "),
  );
}

/** A fault in the form that {@link parseFault} takes. */
export function renderFault(fault: object): string {
  const { type, id: _id, hits: _hits, ...settings } = fault as Record<string, unknown>;
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return pairs.length ? `${type}:${pairs.join(",")}` : String(type);
}
