interface Lock {
  packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>;
}
interface InstallOptions {
  log?: (line: string) => void;
  install?: (root: string, log: (line: string) => void) => Promise<void>;
  poll?: number;
}
export function agrees(lock: Lock, installed: Partial<Lock>): boolean;
export function isInstalled(root: string): boolean;
export function takeLock(file: string): boolean;
export function ensureInstalled(root: string, options?: InstallOptions): Promise<void>;
