/** Metrics of a load balancer: the lab measures nothing, so every series is there and empty. */
import { invalidInput } from "../../core/errors.ts";

const SERIES: Readonly<Record<string, readonly string[]>> = {
  open_connections: ["open_connections"],
  connections_per_second: ["connections_per_second"],
  requests_per_second: ["requests_per_second"],
  bandwidth: ["bandwidth.in", "bandwidth.out"],
};

/** Samples that the API returns when no step is given, and at most. */
const DEFAULT_SAMPLES = 200;
const MAX_SAMPLES = 500;

function instant(query: URLSearchParams, name: string): number {
  const time = Date.parse(query.get(name) ?? "");
  if (Number.isNaN(time)) throw invalidInput(name, "must be a point in time in ISO 8601 format");
  return time;
}

/** @throws ApiError `invalid_input` naming the parameter */
export function emptyMetrics(query: URLSearchParams): object {
  const types = query.getAll("type").flatMap((value) => value.split(","));
  const unknown = types.find((type) => !Object.hasOwn(SERIES, type));
  if (types.length === 0 || unknown !== undefined)
    throw invalidInput("type", `must be one or more of ${Object.keys(SERIES).join(", ")}`);
  const [start, end] = [instant(query, "start"), instant(query, "end")];
  if (end < start) throw invalidInput("end", "must not be before start");
  const seconds = (end - start) / 1_000;
  const wanted = query.get("step");
  const step = wanted === null ? Math.ceil(seconds / DEFAULT_SAMPLES) : Number(wanted);
  if (!Number.isInteger(step) || step < 0) throw invalidInput("step", "must be a whole number of seconds");
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    step: Math.max(step, Math.ceil(seconds / MAX_SAMPLES), 1),
    time_series: Object.fromEntries(types.flatMap((type) => SERIES[type]!).map((name) => [name, { values: [] }])),
  };
}
