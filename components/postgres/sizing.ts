/** What PostgreSQL's memory and parallelism settings are derived from. */
export interface MachineSize {
  /** Virtual CPUs. */
  readonly cores: number;
  /** GB. */
  readonly memoryGb: number;
}

/** Settings that follow from the size of the machine. Memory in MB. */
export interface Sizing {
  readonly sharedBuffersMb: number;
  readonly effectiveCacheSizeMb: number;
  readonly maxConnections: number;
  readonly workMemMb: number;
  readonly maintenanceWorkMemMb: number;
  readonly maxWorkerProcesses: number;
  readonly maxParallelWorkers: number;
  readonly maxParallelWorkersPerGather: number;
  readonly maxParallelMaintenanceWorkers: number;
}

const clamp = (low: number, value: number, high: number): number => Math.max(low, Math.min(high, Math.floor(value)));

/** PostgreSQL's default: a hash may take this much more than `work_mem`. */
const hashMemMultiplier = 2;
/** A backend's own memory besides `work_mem` (caches of catalogue and plans), MB: what idle-to-busy backends were seen to take. */
const backendMb = 6;
/**
 * Most connections per GB: an eighth of the memory at 10 MB for each, a busy backend with its caches and page tables but without
 * `work_mem`.
 */
const connectionsPerGb = 12.5;
/** PostgreSQL's own default of `max_connections`, for machines of few cores: connections of pools are idle most of the time. */
const usualConnections = 100;
/** PostgreSQL's default of `autovacuum_max_workers`. */
const autovacuumWorkers = 3;
/** Memory that PostgreSQL keeps beside the buffers themselves (locks, WAL buffers, descriptors), as a share of them. */
const sharedOverhead = 0.05;

/**
 * The rule: a quarter of the memory for shared buffers, three quarters reckoned as cache, 25 connections per core but no fewer than
 * 100, and at most 12.5 per GB (50 to 500), a quarter of the memory shared out as `work_mem`. 8 cores and 64 GB give 16 GB, 48 GB and 200.
 */
export function sizeFor({ cores, memoryGb }: MachineSize): Sizing {
  const memoryMb = memoryGb * 1024;
  const maxConnections = clamp(50, Math.min(Math.max(usualConnections, 25 * cores), connectionsPerGb * memoryGb), 500);
  const maxParallelWorkers = clamp(2, Math.min(cores, memoryGb), 64);
  const perCores = clamp(1, cores / 4, 4);
  return {
    sharedBuffersMb: Math.floor(memoryMb / 4),
    effectiveCacheSizeMb: Math.floor((memoryMb * 3) / 4),
    maxConnections,
    workMemMb: clamp(4, memoryMb / 4 / (maxConnections + maxParallelWorkers) / hashMemMultiplier, 1024),
    maintenanceWorkMemMb: clamp(64, memoryMb / 32, 2048),
    maxWorkerProcesses: Math.max(8, maxParallelWorkers + 4),
    maxParallelWorkers,
    maxParallelWorkersPerGather: perCores,
    maxParallelMaintenanceWorkers: perCores,
  };
}

/** MB in use when every connection and worker uses its whole allowance at once. */
export function memoryBoundMb(sizing: Sizing): number {
  const processes = sizing.maxConnections + sizing.maxParallelWorkers;
  return (
    sizing.sharedBuffersMb * (1 + sharedOverhead) +
    processes * (sizing.workMemMb * hashMemMultiplier + backendMb) +
    (autovacuumWorkers + 1) * sizing.maintenanceWorkMemMb
  );
}
