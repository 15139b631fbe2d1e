/** Input that cannot be read as what it should be. The message names the source and the place in it, never what stands there. */
export class InputError extends Error {
  override readonly name = "InputError";
  /** The file, or what the caller called the input. */
  readonly source: string;
  /** Counted from 1. */
  readonly line?: number;

  constructor(source: string, problem: string, line?: number) {
    super(`${source}${line === undefined ? "" : `, line ${line}`}: ${problem}`);
    this.source = source;
    if (line !== undefined) this.line = line;
  }
}
