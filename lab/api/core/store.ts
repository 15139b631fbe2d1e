import { type Database, openDatabase } from "./sqlite.ts";

/** What every record has. Records are never changed in place: `update` puts a new object in the old one's place. */
export interface BaseRecord {
  readonly id: number;
}

type IndexKey = string | number;
type IndexFunction<T> = (record: T) => readonly IndexKey[];

/** One kind of record: its name in the database and the lookups kept in memory. */
export interface Collection<T extends BaseRecord> {
  readonly name: string;
  readonly indexes: Readonly<Record<string, IndexFunction<T>>>;
}

/**
 * Declares a collection.
 * @param indexes lookups for {@link Store.by}: name -> keys of a record (none, one or several)
 */
export function collection<T extends BaseRecord>(
  name: string,
  indexes: Readonly<Record<string, IndexFunction<T>>> = {},
): Collection<T> {
  return { name, indexes };
}

/** One record as it was before and is after a commit; `undefined` where it did not or does not exist. */
export interface Change {
  readonly kind: string;
  readonly id: number;
  readonly before: BaseRecord | undefined;
  readonly after: BaseRecord | undefined;
}

class Table {
  readonly rows = new Map<number, BaseRecord>();
  readonly indexes = new Map<string, Map<IndexKey, Set<number>>>();
  readonly collection: Collection<BaseRecord>;

  constructor(of: Collection<BaseRecord>) {
    this.collection = of;
    for (const name of Object.keys(of.indexes)) this.indexes.set(name, new Map());
  }

  set(id: number, record: BaseRecord | undefined): void {
    const before = this.rows.get(id);
    if (before) this.#index(before, (ids, key, index) => ids.delete(id) && ids.size === 0 && index.delete(key));
    if (record) {
      this.rows.set(id, record);
      this.#index(record, (ids) => ids.add(id));
    } else this.rows.delete(id);
  }

  #index(
    record: BaseRecord,
    change: (ids: Set<number>, key: IndexKey, index: Map<IndexKey, Set<number>>) => void,
  ): void {
    for (const [name, index] of this.indexes) {
      for (const key of this.collection.indexes[name]!(record)) {
        const ids = index.get(key) ?? new Set();
        index.set(key, ids);
        change(ids, key, index);
      }
    }
  }
}

/** For what reads records and writes none. */
export interface Reading {
  readonly store: Pick<Store, "get" | "all" | "by">;
}

interface Undo {
  table: Table;
  id: number;
  before: BaseRecord | undefined;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (kind TEXT NOT NULL, id INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Ids start here so that nobody mistakes one for a catalogue's id (location 1, server type 22). */
const FIRST_ID = 1_000_001;

/**
 * All records of one lab: held in memory for reading, written to SQLite at the end of each transaction.
 * What a transaction wrote is durable when `transaction` returns; when its function throws, nothing happened.
 */
export class Store {
  readonly #db: Database;
  readonly #tables = new Map<string, Table>();
  readonly #counters = new Map<string, number>();
  readonly #statements = new Map<string, ReturnType<Database["prepare"]>>();
  readonly #listeners: ((changes: readonly Change[]) => void)[] = [];
  #undo: Undo[] | undefined;
  #blobs = new Map<string, string | undefined>();
  #dirtyCounters = new Map<string, number | undefined>();

  /** @param collections all that this store may hold; a database with others keeps them untouched */
  constructor(dataDir: string, collections: readonly Collection<never>[]) {
    this.#db = openDatabase(dataDir);
    this.#db.exec(SCHEMA);
    for (const of of collections) this.#tables.set(of.name, new Table(of as unknown as Collection<BaseRecord>));
    for (const row of this.#db.prepare("SELECT kind, id, json FROM records ORDER BY kind, id").iterate()) {
      this.#tables.get(row.kind as string)?.set(row.id as number, JSON.parse(row.json as string));
    }
    for (const row of this.#db.prepare("SELECT name, value FROM counters").iterate()) {
      this.#counters.set(row.name as string, row.value as number);
    }
  }

  /** Called after each commit with what changed, in the order of the first change of each record. */
  onCommit(listener: (changes: readonly Change[]) => void): void {
    this.#listeners.push(listener);
  }

  get<T extends BaseRecord>(of: Collection<T>, id: number): T | undefined {
    return this.#table(of).rows.get(id) as T | undefined;
  }

  /** All records; by id unless a rolled back deletion disturbed the order. */
  all<T extends BaseRecord>(of: Collection<T>): T[] {
    return [...this.#table(of).rows.values()] as T[];
  }

  count(of: Collection<never>): number {
    return this.#table(of as Collection<BaseRecord>).rows.size;
  }

  /** Records with that key in an index of the collection, in no particular order. */
  by<T extends BaseRecord>(of: Collection<T>, index: string, key: IndexKey): T[] {
    const table = this.#table(of);
    const ids = table.indexes.get(index);
    if (!ids) throw new Error(`collection ${of.name} has no index ${index}`);
    return [...(ids.get(key) ?? [])].map((id) => table.rows.get(id) as T);
  }

  /** Whether any collection that has this index holds the key: for what must be unique across kinds, such as addresses. */
  taken(index: string, key: IndexKey): boolean {
    for (const table of this.#tables.values()) if (table.indexes.get(index)?.has(key)) return true;
    return false;
  }

  /** Ids of the records that an index leads to; none where this store has no such collection. */
  ids(collectionName: string, index: string, key: IndexKey): number[] {
    return [...(this.#tables.get(collectionName)?.indexes.get(index)?.get(key) ?? [])].sort((a, b) => a - b);
  }

  /** Records per collection. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#tables].map(([name, table]) => [name, table.rows.size]));
  }

  /** A fresh id, unique across kinds and never used again. */
  nextId(): number {
    return this.counter("id", FIRST_ID);
  }

  /** Counts up and returns the value before; the count is kept with the transaction. */
  counter(name: string, first = 0): number {
    this.#writing();
    const value = this.#counters.get(name) ?? first;
    if (!this.#dirtyCounters.has(name)) this.#dirtyCounters.set(name, this.#counters.get(name));
    this.#counters.set(name, value + 1);
    return value;
  }

  insert<T extends BaseRecord>(of: Collection<T>, record: T): T {
    return this.#write(of, record.id, record) as T;
  }

  /** @throws Error when the record does not exist: look it up first */
  update<T extends BaseRecord>(of: Collection<T>, id: number, patch: Partial<T>): T {
    const before = this.get(of, id);
    if (!before) throw new Error(`${of.name} ${id} does not exist`);
    return this.#write(of, id, { ...before, ...patch }) as T;
  }

  delete(of: Collection<never>, id: number): void {
    this.#write(of as Collection<BaseRecord>, id, undefined);
  }

  /** Text that is kept on disk only, such as user data: large, rarely read, never listed. */
  blob(key: string): string | undefined {
    if (this.#blobs.has(key)) return this.#blobs.get(key);
    return this.#db.prepare("SELECT data FROM blobs WHERE key = ?").get(key)?.data as string | undefined;
  }

  putBlob(key: string, data: string | undefined): void {
    this.#writing();
    this.#blobs.set(key, data);
  }

  /** Runs `work`, which may not wait for anything; all of its writes are kept or none. Inside another one it joins it. */
  transaction<R>(work: () => R): R {
    if (this.#undo) return work();
    this.#undo = [];
    let changes: Change[];
    let result: R;
    try {
      result = work();
      changes = this.#changes();
      this.#flush(changes);
    } catch (error) {
      for (const { table, id, before } of this.#undo.reverse()) table.set(id, before);
      for (const [name, value] of this.#dirtyCounters) {
        if (value === undefined) this.#counters.delete(name);
        else this.#counters.set(name, value);
      }
      throw error;
    } finally {
      this.#undo = undefined;
      this.#blobs = new Map();
      this.#dirtyCounters = new Map();
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
    return result;
  }

  close(): void {
    this.#db.close();
  }

  #table(of: Collection<never>): Table {
    const table = this.#tables.get(of.name);
    if (!table) throw new Error(`this store has no collection ${of.name}`);
    return table;
  }

  #writing(): Undo[] {
    if (!this.#undo) throw new Error("writing to the store needs a transaction");
    return this.#undo;
  }

  #write(of: Collection<never>, id: number, record: BaseRecord | undefined): BaseRecord | undefined {
    const table = this.#table(of);
    this.#writing().push({ table, id, before: table.rows.get(id) });
    table.set(id, record);
    return record;
  }

  #changes(): Change[] {
    const seen = new Map<string, Change>();
    for (const { table, id, before } of this.#undo!) {
      const key = `${table.collection.name} ${id}`;
      if (seen.has(key)) continue;
      seen.set(key, { kind: table.collection.name, id, before, after: table.rows.get(id) });
    }
    return [...seen.values()];
  }

  #flush(changes: readonly Change[]): void {
    if (changes.length + this.#blobs.size + this.#dirtyCounters.size === 0) return;
    this.#db.exec("BEGIN");
    try {
      for (const { kind, id, after } of changes) {
        if (after) this.#run("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", kind, id, JSON.stringify(after));
        else this.#run("DELETE FROM records WHERE kind = ? AND id = ?", kind, id);
      }
      for (const [key, data] of this.#blobs) {
        if (data === undefined) this.#run("DELETE FROM blobs WHERE key = ?", key);
        else this.#run("INSERT OR REPLACE INTO blobs VALUES (?, ?)", key, data);
      }
      for (const name of this.#dirtyCounters.keys()) {
        this.#run("INSERT OR REPLACE INTO counters VALUES (?, ?)", name, this.#counters.get(name)!);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #run(sql: string, ...values: (string | number)[]): void {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    statement.run(...values);
  }
}
