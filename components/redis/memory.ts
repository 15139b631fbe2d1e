/** `maxmemory` of both instances of a host, in MB. */
export interface RedisMemory {
  readonly sessionsMb: number;
  readonly cacheMb: number;
}

/**
 * Of a machine's memory, what the data of both instances may take. The rest is for the copy that a snapshot's fork
 * makes of changed pages, replication buffers, fragmentation, and the system.
 */
const dataShare = 0.6;
const sessionsShare = 0.4;

/** Snapshot, append-only file, and a second of each while it is being rewritten. */
const diskPerSessionMemory = 4;
/** The provider's smallest volume, GB. */
const smallestVolumeGb = 10;

/** 60 % of the machine's memory is data: 40 % of it sessions, 60 % cache. */
export function redisMemory(memoryGb: number): RedisMemory {
  const dataMb = memoryGb * 1024 * dataShare;
  const sessionsMb = Math.floor(dataMb * sessionsShare);
  return { sessionsMb, cacheMb: Math.floor(dataMb) - sessionsMb };
}

/** Size of the data volume in GB. Only sessions are kept on disk; a cache fills itself. */
export function redisVolumeGb(memory: RedisMemory): number {
  return Math.max(smallestVolumeGb, Math.ceil((memory.sessionsMb * diskPerSessionMemory) / 1024));
}
