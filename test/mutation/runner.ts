/** Runs the tests of the rules in Stryker's own process, one mutant after another. What only files read while they are loaded is loaded anew for its mutant. */
import { existsSync, globSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { type Collected, collect } from "./tests.ts";

/** Tests that look at the rules themselves. Those that take the whole of a check (test/corpus, test/checks) come on top of them. */
const TESTS = "policies/{rules,core}/**/*.test.ts";

/** Files with mutants: of these a load gets copies of its own. */
const MUTATED = /\/policies\/(?:rules|core)\//;

const library = new URL("tests.ts", import.meta.url).href;
let load = 0;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "vitest") return { url: library, format: "module-typescript", shortCircuit: true };
    const resolved = next(specifier, context);
    return MUTATED.test(resolved.url) ? { ...resolved, url: `${resolved.url.split("?")[0]}?load=${load}` } : resolved;
  },
});

class InProcess implements TestRunner {
  readonly #context: InstrumenterContext;
  #tests: readonly Collected[] = [];
  /** Whether what is loaded was loaded with a mutant in it. */
  #mutated = false;

  constructor() {
    const known = globalThis as unknown as Record<string, InstrumenterContext>;
    known[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {} as InstrumenterContext;
    this.#context = known[INSTRUMENTER_CONSTANTS.NAMESPACE]!;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    this.#context.activeMutant = undefined;
    await this.#load();
    const result = await this.#run(this.#tests, false);
    return { ...result, mutantCoverage: this.#context.mutantCoverage } as DryRunResult;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, mutantActivation, hitLimit } = options;
    Object.assign(this.#context, { hitCount: 0, hitLimit, activeMutant: undefined });
    if (mutantActivation === "static") return await this.#staticRun(options);
    if (this.#mutated || this.#tests.length === 0) await this.#load();
    this.#mutated = false;
    this.#context.activeMutant = activeMutant.id;
    const wanted = testFilter && new Set(testFilter);
    return await this.#judge(
      this.#tests.filter(({ id }) => wanted?.has(id) ?? true),
      options,
    );
  }

  /** What a file works out while it is loaded: its own tests with it first, since most such mutants end there; then all. */
  async #staticRun(options: MutantRunOptions): Promise<MutantRunResult> {
    this.#mutated = true;
    this.#context.activeMutant = options.activeMutant.id;
    try {
      const own = relative(process.cwd(), options.sandboxFileName).replace(/\.ts$/, ".test.ts");
      if (existsSync(own)) {
        await this.#load([own]);
        const result = await this.#judge(this.#tests, options);
        if (result.status !== MutantRunStatus.Survived) return result;
      }
      await this.#load();
    } catch (error) {
      // A rule that cannot be loaded is one that no test lets pass.
      const failed = { id: "loading", name: "loading", timeSpentMs: 0, status: TestStatus.Failed } as const;
      const tests = [{ ...failed, failureMessage: String(error) }];
      return toMutantRunResult({ status: DryRunStatus.Complete, tests });
    }
    return await this.#judge(this.#tests, options);
  }

  async #judge(tests: readonly Collected[], { disableBail }: MutantRunOptions): Promise<MutantRunResult> {
    const result = await this.#run(tests, !disableBail);
    return toMutantRunResult(determineHitLimitReached(this.#context.hitCount, this.#context.hitLimit) ?? result);
  }

  async #load(files: readonly string[] = globSync(TESTS).sort()): Promise<void> {
    load += 1;
    const all: Collected[] = [];
    for (const file of files) {
      const url = pathToFileURL(resolve(file)).href;
      all.push(...(await collect(file, () => import(`${url}?load=${load}`))));
    }
    this.#tests = all;
  }

  async #run(tests: readonly Collected[], bail: boolean): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const { id, run } of tests) {
      this.#context.currentTestId = id;
      const began = performance.now();
      const result = await outcome(run);
      results.push({ id, name: id, timeSpentMs: performance.now() - began, ...result });
      if (bail && result.status === TestStatus.Failed) break;
    }
    this.#context.currentTestId = undefined;
    return { status: DryRunStatus.Complete, tests: results };
  }
}

async function outcome(run: () => unknown) {
  try {
    await run();
    return { status: TestStatus.Success } as const;
  } catch (error) {
    return { status: TestStatus.Failed, failureMessage: String(error) } as const;
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "in-process", InProcess)];
