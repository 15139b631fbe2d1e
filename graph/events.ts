/**
 * The engine's event stream: one JSON document a line, as `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json` and
 * `pulumi up --json` print it.
 */
import { isObject, objectAt, type RawObject, type StepNames, stepAt } from "./checks.ts";
import { Entry, type RawStep } from "./entry.ts";
import { InputError } from "./errors.ts";
import {
  count,
  type Diagnostic,
  type EventStream,
  only,
  type PolicyEvent,
  packs,
  type Summary,
  severityOf,
} from "./event-parts.ts";
import { eachLine, eachLineOfFile, MAX_LINE_BYTES, tooLong } from "./lines.ts";
import { isSecretName, maskSecrets } from "./mask.ts";
import type { Properties, Resource } from "./model.ts";
import { parseUrn } from "./urn.ts";
import { type Place, toProperties } from "./values.ts";

export type { Diagnostic, EventStream, PolicyEvent, Summary } from "./event-parts.ts";

/** Resources that a stream may have. */
export const MAX_RESOURCES = 500_000;

/** Messages that are kept; more are counted. */
const MAX_MESSAGES = 10_000;

const NAMES: StepNames = {
  before: "old",
  after: "new",
  replaceKeys: "keys",
  diffKeys: "diffs",
  kind: "diffKind",
};

/** Fields of an event beside what it is about. */
const COMMON: ReadonlySet<string> = new Set(["sequence", "timestamp"]);

/**
 * Reads a whole stream.
 * @param lines the text, or its lines without their ends.
 * @param name what errors call the source.
 * @throws {InputError} for anything that is no whole stream, with the line.
 */
export async function readEvents(
  lines: AsyncIterable<string> | Iterable<string> | string,
  name: string,
): Promise<EventStream> {
  const reader = new EventReader(name);
  if (typeof lines === "string") eachLine(lines, (line) => reader.add(line));
  else for await (const line of lines) reader.add(line);
  return reader.finish();
}

/** The same of a file, which is not held in memory as a whole. */
export async function readEventsFile(path: string, name = path): Promise<EventStream> {
  const reader = new EventReader(name);
  await eachLineOfFile(path, (line) => reader.add(line));
  return reader.finish();
}

/** Reads a stream as it comes. */
export class EventReader {
  private readonly name: string;
  private line = 0;
  private entries = new Map<string, Entry>();
  private config: Properties = {};
  private diagnostics: Diagnostic[] = [];
  private policyEvents: PolicyEvent[] = [];
  private failed = new Set<string>();
  private ignored: Record<string, number> = {};
  private summary: Summary | undefined;
  /** Whether a line was an event, and whether one was that of an engine. */
  private begun = false;
  private started = false;
  private runs = 0;
  /** Inside the indented document that `pulumi up --json` prints of its preview before its events. */
  private indented = false;
  private readonly secrets = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /**
   * @returns the events that the line holds (none or one), for those who show progress.
   * @throws {InputError}
   */
  add(line: string): RawObject | undefined {
    this.line++;
    if (line.length > MAX_LINE_BYTES) throw new InputError(this.name, tooLong(), this.line);
    if (this.skips(line)) return undefined;
    const event = this.parse(this.line === 1 && line.startsWith("\uFEFF") ? line.slice(1) : line);
    if (!this.begun && typeof event.sequence === "number" && event.sequence > 0) {
      this.fail(`the stream's beginning is missing: it starts with event ${event.sequence}`);
    }
    this.begun = true;
    let known = false;
    for (const kind of Object.keys(event)) {
      if (COMMON.has(kind)) continue;
      known = true;
      this.take(kind, event[kind]);
    }
    if (!known) this.fail("this is no event of the engine: it has nothing but a number");
    return event;
  }

  /** @throws {InputError} when the stream has no end. */
  finish(): EventStream {
    if (!this.started) throw this.noStream();
    if (!this.summary || this.indented) throw this.cut();
    const resources: Resource[] = [];
    for (const [urn, entry] of this.entries) {
      resources.push(entry.resource(this.name));
      this.entries.set(urn, undefined as never);
    }
    const stack = stackOf(resources);
    return {
      graph: {
        source: { kind: "events", name: this.name, ...(stack && { stack: stack.name, project: stack.project }) },
        resources,
        settings: { config: this.config },
        limits: this.limits(),
      },
      diagnostics: this.diagnostics,
      policyEvents: this.policyEvents,
      summary: this.summary,
      ...(stack && { stack }),
      failed: [...this.failed],
      ignored: this.ignored,
    };
  }

  private get place(): Place {
    return { source: this.name, line: this.line };
  }

  private fail(problem: string): never {
    throw new InputError(this.name, problem, this.line);
  }

  private skips(line: string): boolean {
    if (!this.started && !this.indented && line.trimEnd() === "{") this.indented = true;
    if (!this.indented) return line.trim() === "";
    if (line.trimEnd() === "}") this.indented = false;
    return true;
  }

  private parse(line: string): RawObject {
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      this.fail(
        this.started
          ? "the line is no JSON: the stream was cut or edited here; save it anew, with nothing but the output of Pulumi"
          : "this is no event stream: its first line is no JSON",
      );
    }
    if (!isObject(event)) this.fail("the line is no event: it must be a JSON object");
    return event as RawObject;
  }

  private take(kind: string, body: unknown): void {
    const handler = HANDLERS[kind];
    if (!handler) {
      if (Object.keys(this.ignored).length < 1000) count(this.ignored, kind);
      return;
    }
    const event = objectAt(body, kind, this.place);
    this.started = true;
    this[handler](event);
  }

  prelude(event: RawObject): void {
    if (this.entries.size || this.summary) {
      if (!this.summary) this.fail("a second run begins before the first one ended: one file holds one stream");
      // A preview and the update that follows it: what counts is the update.
      this.entries = new Map();
      this.summary = undefined;
      this.failed = new Set();
      this.diagnostics = [];
      this.policyEvents = [];
    }
    this.runs++;
    this.config =
      event.config === undefined ? {} : toProperties(objectAt(event.config, "config", this.place), this.place);
  }

  step(event: RawObject): RawStep {
    const step = stepAt(event.metadata, "metadata", NAMES, this.place);
    if (step.type.startsWith("pulumi:providers:")) this.learn(step);
    return step;
  }

  announced(event: RawObject): void {
    const step = this.step(event);
    this.entry(step).announce(step);
  }

  completed(event: RawObject): void {
    const step = this.step(event);
    const entry = this.entries.get(step.urn);
    // A component registers its outputs with a second event: its first one announced it.
    if (!entry) this.fail(`the outputs of ${maskSecrets(step.urn)} come before anything is said of it`);
    entry.complete(step);
  }

  failedStep(event: RawObject): void {
    this.failed.add(this.step(event).urn);
  }

  diagnostic(event: RawObject): void {
    const severity = severityOf(event.severity);
    if (severity === undefined || this.diagnostics.length >= MAX_MESSAGES) {
      count(this.ignored, severity === undefined ? "debug messages" : "messages");
      return;
    }
    this.diagnostics.push({
      severity,
      message: this.text(event.message),
      ...(typeof event.urn === "string" && event.urn && { urn: event.urn }),
      line: this.line,
    });
  }

  policy(event: RawObject): void {
    this.policyEvents.push({
      pack: this.text(event.policyPackName),
      ...(event.policyPackVersion ? { version: this.text(event.policyPackVersion) } : {}),
      policy: this.text(event.policyName),
      level: this.text(event.enforcementLevel),
      ...(typeof event.resourceUrn === "string" && event.resourceUrn && { urn: event.resourceUrn }),
      message: this.text(event.message),
      line: this.line,
    });
  }

  end(event: RawObject): void {
    this.summary = {
      isPreview: event.isPreview === true,
      succeeded: event.result === undefined || event.result === "succeeded",
      durationSeconds: typeof event.durationSeconds === "number" ? event.durationSeconds : 0,
      changes: only(event.resourceChanges, "number"),
      policyPacks: packs(event.PolicyPacks ?? event.policyPacks),
    };
  }

  private entry(step: RawStep): Entry {
    const known = this.entries.get(step.urn);
    if (known) return known;
    if (this.entries.size >= MAX_RESOURCES) this.fail(`more than ${MAX_RESOURCES} resources`);
    const made = new Entry(step, `stream line ${this.line}`);
    this.entries.set(step.urn, made);
    return made;
  }

  /** A provider's credentials are not always marked secret, and its messages may repeat them. */
  private learn(step: RawStep): void {
    for (const [name, value] of Object.entries(step.after?.inputs ?? {})) {
      if (typeof value === "string" && isSecretName(name) && this.secrets.size < 1000) this.secrets.add(value);
    }
  }

  private text(value: unknown): string {
    return typeof value === "string" ? maskSecrets(value, this.secrets).trim() : "";
  }

  private limits(): string[] {
    return [
      "an event stream does not tell which resource depends on which",
      "an event stream does not show default providers: what they are told is in the configuration",
      ...(this.runs > 1 ? ["the file holds several runs: only the last one was read"] : []),
      ...(this.summary?.succeeded ? [] : ["the run failed: what it did not get to is not in the stream"]),
    ];
  }

  private noStream(): InputError {
    const found = this.line ? "there is no event of the engine in it" : "it is empty";
    return new InputError(
      this.name,
      `this is no event stream: ${found}; make one with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json`,
    );
  }

  private cut(): InputError {
    const said = this.diagnostics.find(({ severity }) => severity === "error") ?? this.diagnostics[0];
    const reason = said ? `; the first thing it said: ${said.message.slice(0, 500)}` : "";
    return new InputError(
      this.name,
      `the stream ends here without a summary: it was cut, or the engine stopped before the end${reason}`,
      this.line,
    );
  }
}

type Handler = "prelude" | "announced" | "completed" | "failedStep" | "diagnostic" | "policy" | "end";

const HANDLERS: Readonly<Record<string, Handler | undefined>> = Object.assign(Object.create(null), {
  preludeEvent: "prelude",
  resourcePreEvent: "announced",
  resOutputsEvent: "completed",
  resOpFailedEvent: "failedStep",
  diagnosticEvent: "diagnostic",
  policyEvent: "policy",
  summaryEvent: "end",
} satisfies Record<string, Handler>);

/** @returns nothing for a stream without resources. */
export function stackOf(resources: readonly Resource[]): { name: string; project: string } | undefined {
  const urn = resources[0] && parseUrn(resources[0].urn);
  return urn && { name: urn.stack, project: urn.project };
}
