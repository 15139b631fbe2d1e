import type { Hono } from "hono";
import { ACTIONS } from "./core/actions.ts";
import { ApiError } from "./core/errors.ts";
import { faultSchema } from "./core/faults.ts";
import { parseBody } from "./core/kind.ts";
import type { Lab } from "./core/lab.ts";

/** What only the lab has, under `/_lab`: counts for tests that check emptiness, and the faults. Needs the token. */
export function mountAdmin(app: Hono, lab: Lab): void {
  lab.driver.routes?.(app);
  app.get("/_lab/state", (c) => {
    const { [ACTIONS.name]: actions, ...resources } = lab.store.counts();
    const total = Object.values(resources).reduce((sum, count) => sum + count, 0);
    return c.json({ counts: { ...resources, actions }, resources: total, driver: lab.driver.name });
  });
  app.get("/_lab/faults", (c) => c.json({ faults: lab.faults.list() }));
  app.post("/_lab/faults", async (c) => {
    const fault = lab.faults.add(await parseBody(await c.req.text(), faultSchema));
    return c.json({ fault }, 201);
  });
  app.delete("/_lab/faults", (c) => {
    lab.faults.remove();
    return c.body(null, 204);
  });
  app.delete("/_lab/faults/:id", (c) => {
    const id = c.req.param("id");
    if (!lab.faults.remove(Number(id))) throw new ApiError("not_found", `fault with ID '${id}' not found`);
    return c.body(null, 204);
  });
}
