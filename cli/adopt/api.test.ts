import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openTestLab, TEST_TOKEN, type TestLab } from "../../lab/api/testing.ts";
import { accessFrom, createReader, type ReaderOptions, VENDOR_ENDPOINT } from "./api.ts";
import { mapProject } from "./map.ts";
import { readProject } from "./read.ts";

const endpoint = "http://127.0.0.1:1/v1";
const named = z.object({ id: z.number(), name: z.string() });

/** A reader of prepared answers, and what it was asked. */
function reader(answers: readonly (Response | Error)[], options: ReaderOptions = {}) {
  const left = [...answers];
  const urls: string[] = [];
  const waits: number[] = [];
  const read = createReader(
    { endpoint, token: TEST_TOKEN },
    {
      fetch: async (url) => {
        urls.push(url);
        const answer = left.shift() ?? new Response("{}", { status: 418 });
        if (answer instanceof Error) throw answer;
        return answer;
      },
      sleep: async (ms) => {
        waits.push(ms);
      },
      ...options,
    },
  );
  return { list: () => read("/ssh_keys", "ssh_keys", named), urls, waits };
}

const page = (ids: readonly number[], next_page: number | null) =>
  Response.json({ ssh_keys: ids.map((id) => ({ id, name: `k${id}` })), meta: { pagination: { next_page } } });
const refused = (status: number, message = "no", code = "some_code") =>
  Response.json({ error: { code, message } }, { status });

describe("createReader", () => {
  it("reads page after page", async () => {
    const { list, urls } = reader([page([1, 2], 2), page([3], null)]);
    expect((await list()).map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(urls).toEqual([`${endpoint}/ssh_keys?page=1&per_page=50`, `${endpoint}/ssh_keys?page=2&per_page=50`]);
  });

  it("ends when pages lead in a circle", async () => {
    await expect(reader([page([1], 2), page([2], 2)]).list()).rejects.toThrow("page 2 is followed by page 2");
  });

  it("waits when requests are used up, and says so", async () => {
    const onWait = vi.fn();
    const { list, waits } = reader([refused(429, "limit reached", "rate_limit_exceeded"), page([1], null)], { onWait });
    expect(await list()).toHaveLength(1);
    expect(waits).toEqual([1000]);
    expect(onWait).toHaveBeenCalledWith(
      expect.stringMatching(/GET \/ssh_keys .*429.*rate_limit_exceeded.*again in 1 s/),
    );
  });

  it("gives up after some attempts, without a list that is only a part", async () => {
    const { list, waits } = reader([page([1], 2), ...Array.from({ length: 9 }, () => refused(503))]);
    await expect(list()).rejects.toThrow(/answer 503.*after 7 attempts; nothing was written/);
    expect(waits).toHaveLength(6);
  });

  it("tries again when the connection breaks, and names the reason without the address", async () => {
    const broken = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
    const onWait = vi.fn();
    expect(await reader([broken, page([1], null)], { onWait }).list()).toHaveLength(1);
    expect(onWait).toHaveBeenCalledWith(expect.stringContaining("no answer (ECONNREFUSED)"));
  });

  it.each([
    [401, "Is HCLOUD_TOKEN the token of this project"],
    [403, "may not read this"],
    [404, "leave it out by --kind"],
  ])("does not repeat what is refused with %i, and says what to do", async (status, advice) => {
    const { list, urls } = reader([refused(status)]);
    await expect(list()).rejects.toThrow(advice);
    expect(urls).toHaveLength(1);
  });

  it("never repeats the token, even if the API does", async () => {
    const error = await reader([refused(400, `bad token ${TEST_TOKEN}\u001b[2J`)])
      .list()
      .catch(String);
    expect(error).toContain("bad token");
    expect(error).not.toContain(TEST_TOKEN);
    expect(error).not.toContain("\u001b");
  });

  it("sends the token to no other place", async () => {
    const send = vi.fn(async () => page([], null));
    await reader([], { fetch: send }).list();
    expect(send).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ redirect: "error" }));
  });

  it.each([
    ["no JSON", new Response("<html>"), "no JSON"],
    [
      "another shape",
      Response.json({ ssh_keys: [{ id: "x" }], meta: { pagination: { next_page: null } } }),
      "ssh_keys.0.id",
    ],
    ["no pagination", Response.json({ ssh_keys: [] }), "at meta"],
  ])("refuses %s", async (_, answer, why) => {
    await expect(reader([answer]).list()).rejects.toThrow(why);
  });
});

describe("accessFrom", () => {
  it("reads the vendor's API unless another is named", () => {
    expect(accessFrom({ HCLOUD_TOKEN: "t" })).toEqual({ token: "t", endpoint: VENDOR_ENDPOINT });
    expect(accessFrom({ HCLOUD_TOKEN: "t", HCLOUD_ENDPOINT: "http://127.0.0.1:4000/v1/" }).endpoint).toBe(
      "http://127.0.0.1:4000/v1",
    );
  });

  it.each([
    "http://example.eu/v1",
    "ftp://x",
    "https://user:pw@example.eu/v1",
    "nonsense",
    "http://127.0.0.1.example.eu",
  ])("sends no token to %s", (address) => {
    expect(() => accessFrom({ HCLOUD_TOKEN: "t", HCLOUD_ENDPOINT: address })).toThrow(/no address to send a token to/);
  });

  it("asks for a token, and shows none that is broken", () => {
    expect(() => accessFrom({})).toThrow("HCLOUD_TOKEN is not set");
    expect(() => accessFrom({ HCLOUD_TOKEN: "secret\nvalue" })).toThrow(/^(?!.*secret).*HCLOUD_TOKEN holds/);
  });
});

describe("readProject", () => {
  let lab: TestLab;
  beforeEach(() => {
    lab = openTestLab();
  });
  afterEach(() => lab.close());

  const asked: string[] = [];
  const reading = () => {
    asked.length = 0;
    return createReader(
      { endpoint: "http://127.0.0.1:1/v1", token: TEST_TOKEN },
      {
        fetch: async (url, init) => {
          asked.push(`${init.method ?? "GET"} ${new URL(url).pathname}`);
          return lab.app.request(url.slice("http://127.0.0.1:1".length), init);
        },
      },
    );
  };
  const group = (name: string, labels = {}) => lab.post("/placement_groups", { name, type: "spread", labels });

  it("reads more than a page, with GET alone", async () => {
    for (let at = 0; at < 51; at++) await lab.post("/volumes", { name: `v${at}`, size: 10, location: "fsn1" });
    const { resources } = mapProject(await readProject(reading(), {}));
    expect(resources.filter(({ type }) => type === "Volume")).toHaveLength(51);
    expect(asked.filter((line) => line === "GET /v1/volumes")).toHaveLength(2);
    expect(asked.filter((line) => !line.startsWith("GET "))).toEqual([]);
  });

  it("reads only what is selected by kind and label", async () => {
    await group("kept", { env: "production" });
    await group("other");
    await lab.post("/volumes", { name: "data", size: 10, location: "fsn1", labels: { env: "production" } });
    const selection = { kinds: ["placement-group"] as const, label: "env=production" };
    const { resources } = mapProject(await readProject(reading(), selection));
    expect(resources.map(({ name }) => name)).toEqual(["kept"]);
    expect(asked).toEqual(["GET /v1/placement_groups"]);
  });

  it("passes on what the API says of a selector that it does not understand", async () => {
    await expect(readProject(reading(), { label: "((" })).rejects.toThrow(/GET \/servers .*invalid_input/);
  });

  it("reads the record sets of zones", async () => {
    await lab.post("/zones", {
      name: "example.eu",
      mode: "primary",
      rrsets: [{ name: "www", type: "A", records: [{ value: "192.0.2.1" }] }],
    });
    const { resources } = mapProject(await readProject(reading(), { kinds: ["zone"] }));
    expect(resources.map(({ id }) => id)).toContain("example.eu/www/A");
  });
});
