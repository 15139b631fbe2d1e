/** For tests of the services: a network namespace with a cable to this one, and an API whose driver is the test. */
import { randomBytes } from "node:crypto";
import { execa } from "execa";

export interface TestNamespace {
  /** Its path. */
  readonly netns: string;
  /** Of the namespace, on the cable. */
  readonly address: string;
  /** Of the test, on the cable. */
  readonly here: string;
  /** More addresses of the test on the cable, for targets of their own. */
  readonly alsoHere: readonly string[];
  /** Gives the namespace another address that the test can reach. */
  hold(address: string): Promise<void>;
  /** Removes the namespace, and with it the cable. */
  close(): Promise<void>;
}

/** A namespace with a loopback interface and a cable to the test's own. Out of the range of link-local addresses, which nobody routes. */
export async function testNamespace(): Promise<TestNamespace> {
  const [a, b] = randomBytes(2) as unknown as [number, number];
  const name = `svct${randomBytes(4).toString("hex")}`;
  const subnet = `169.254.${100 + (a % 100)}`;
  const first = (b % 15) * 16 + 1;
  const at = (n: number) => `${subnet}.${first + n}`;
  const ip = (...argv: string[]) => execa("ip", argv);
  await ip("netns", "add", name);
  try {
    await ip("-n", name, "link", "set", "lo", "up");
    await ip("link", "add", name, "type", "veth", "peer", "name", "up0", "netns", name);
    await ip("-n", name, "address", "add", `${at(1)}/28`, "dev", "up0");
    await ip("-n", name, "link", "set", "up0", "up");
    for (const n of [0, 2, 3]) await ip("address", "add", `${at(n)}/28`, "dev", name);
    await ip("link", "set", name, "up");
  } catch (error) {
    await ip("netns", "delete", name);
    throw error;
  }
  return {
    netns: `/run/netns/${name}`,
    address: at(1),
    here: at(0),
    alsoHere: [at(2), at(3)],
    hold: async (address) => {
      await ip("-n", name, "address", "add", `${address}/32`, "dev", "lo");
      await ip("route", "add", `${address}/32`, "via", at(1), "dev", name);
    },
    close: async () => {
      await ip("netns", "delete", name);
      await ip("link", "delete", name).catch(() => undefined);
    },
  };
}

/** Asks again and again until the answer is the wanted one; fails with the last answer after `timeoutMs`. */
export async function eventually<T>(
  question: () => T | Promise<T>,
  isWanted: (answer: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  for (const until = Date.now() + timeoutMs; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answer = await question();
    if (isWanted(answer)) return answer;
    if (Date.now() > until) throw new Error(`still not as wanted: ${JSON.stringify(answer)}`);
  }
}
