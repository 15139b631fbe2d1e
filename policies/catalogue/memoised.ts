/** Enough for the hosts of a hundred thousand resources, and an end to what hostile input can make it hold. */
const MOST_REMEMBERED = 50_000;

/** The same function, which computes for each text once. */
export function memoised<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (known.has(key)) return known.get(key) as T;
    const value = compute(key);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(key, value);
    return value;
  };
}
