interface Lock {
  packages: Record<string, Record<string, unknown>>;
}
export function missingOptional(lock: Lock): { by: string; name: string; version: string; dev: boolean }[];
export function completed<T extends Lock>(lock: T): T;
export function withIntegrity<T extends Lock>(lock: T, integrityOf: (spec: string) => string | undefined): T;
