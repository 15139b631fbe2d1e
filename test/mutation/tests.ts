/**
 * What the tests of rules use of vitest, without its processes: a mutant takes milliseconds this way, and seconds the other. Its assertions are vitest's
 * own. The runner beside this file puts it in the place of `vitest`.
 */
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export interface Collected {
  readonly id: string;
  readonly run: () => unknown;
}

type Body = (...args: never[]) => unknown;

let collected: Collected[] = [];
let suites: readonly string[] = [];

/** The tests that a file registers while it is loaded. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<readonly Collected[]> {
  collected = [];
  suites = [file];
  await load();
  return collected;
}

function register(name: string, run: () => unknown): void {
  collected.push({ id: `${[...suites, name].join(" > ")} #${collected.length}`, run });
}

function within(name: string, body: () => void): void {
  const outer = suites;
  suites = [...outer, name];
  body();
  suites = outer;
}

function eachOf(register: (name: string, run: () => unknown) => void) {
  return (rows: readonly unknown[]) => (name: string, body: Body) => {
    for (const row of rows) {
      const args = (Array.isArray(row) ? row : [row]) as never[];
      register(name, () => body(...args));
    }
  };
}

export const test = Object.assign(register, { each: eachOf(register) });
export const it = test;
export const describe = Object.assign(within, { each: eachOf(within as never) });

export const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect);
