import { z } from "zod";
import { DrillError } from "./errors.ts";
import { notYet, until } from "./patience.ts";
import type { Api } from "./world.ts";

const schema = z.object({
  action: z.object({ id: z.int(), status: z.string(), error: z.object({ message: z.string() }).nullish() }),
});

/**
 * Asks the API for something that takes an action, and waits until that is over.
 * @throws DrillError when there is no such thing, or the action fails
 */
export async function act(api: Api, what: string, path: string, body: unknown = {}): Promise<void> {
  const answer = await api("POST", path, body);
  if (answer === undefined) throw new DrillError(`${what}: it no longer exists`);
  const { id } = schema.parse(answer).action;
  await until(
    what,
    async () => {
      const { action } = schema.parse(await api("GET", `/actions/${id}`));
      if (action.status === "error") throw new DrillError(`${what} failed: ${action.error?.message}`);
      return action.status === "success" || notYet(`the action is ${action.status}`);
    },
    { seconds: 180 },
  );
}
