/** The object storage's endpoints under `/_lab`: buckets, objects and outages, for the command line and the drills. */
import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ApiError, invalidInput } from "../../../api/core/errors.ts";
import { parseBody } from "../../../api/core/kind.ts";
import { putObject } from "./client.ts";
import { type StoreLocation, storeLocations } from "./locations.ts";
import type { ObjectStorage } from "./object-storage.ts";

/** Largest object that is taken here. In bytes. */
const MAX_OBJECT = 256 * 1024 * 1024;
/** In bytes. */
const MAX_SETTINGS = 4096;

const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    "must be 3 to 63 of a-z, 0-9 and -, and begin and end with a letter or digit",
  );
const bucketBody = z.object({ name: bucketName, public: z.boolean().default(false) });
const objectKey = z
  .string()
  .regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "must be names of letters, digits, _, - and . (not first) with / between");

/** `GET /_lab/services/object-storage` and what is below it. */
export function mountObjectStorage(app: Hono, storage: ObjectStorage): void {
  const base = "/_lab/services/object-storage";
  const locationOf = (c: Context): StoreLocation => {
    const location = storeLocations.find((one) => one === c.req.param("location"));
    if (location === undefined || storage.stores()[location] === undefined) {
      throw new ApiError("not_found", `the lab has no object storage in '${c.req.param("location")}'`);
    }
    return location;
  };
  app.get(base, (c) => c.json({ stores: storage.stores() }));
  app.post(`${base}/:location/stop`, async (c) => {
    await storage.stopStore(locationOf(c));
    return c.body(null, 204);
  });
  app.post(`${base}/:location/start`, async (c) => {
    await storage.startStore(locationOf(c));
    return c.body(null, 204);
  });
  app.post(`${base}/:location/buckets`, bodyLimit({ maxSize: MAX_SETTINGS }), async (c) => {
    const { name, public: isPublic } = await parseBody(await c.req.text(), bucketBody);
    await storage.ensureBucket({ location: locationOf(c), name, isPublic });
    return c.body(null, 204);
  });
  const limit = bodyLimit({
    maxSize: MAX_OBJECT,
    onError: () => {
      throw new ApiError("request_too_large", `the object is larger than ${MAX_OBJECT} bytes`);
    },
  });
  app.put(`${base}/:location/buckets/:bucket/:key{.+}`, limit, async (c) => {
    const bucket = checked("bucket", bucketName, c.req.param("bucket"));
    const key = checked("key", objectKey, c.req.param("key"));
    const body = new Uint8Array(await c.req.arrayBuffer());
    const url = await putObject(storage.access(locationOf(c)), { bucket, key, body });
    return c.json({ url }, 201);
  });
}

/** @throws ApiError `invalid_input` naming the field */
function checked(field: string, schema: z.ZodType<string>, value: string): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(field, parsed.error.issues[0]?.message ?? "is not valid");
}
