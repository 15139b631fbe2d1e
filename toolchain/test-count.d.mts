interface Counted {
  passed: number;
  failed: number;
  skipped: number;
}
export function count(tests: object | undefined, checks: Record<string, number> | undefined): Counted;
export function verdict(counted: Counted, code: number): number;
