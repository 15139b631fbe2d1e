import type { Context, Hono } from "hono";
import { z } from "zod";
import { ACTIONS, type ActionRecord } from "./actions.ts";
import { ApiError, type FieldErrors, notFound } from "./errors.ts";
import type { Lab } from "./lab.ts";
import type { Labels } from "./label-selector.ts";
import { type ListRules, linkHeader, listPage } from "./lists.ts";
import type { BaseRecord, Collection } from "./store.ts";

/** A handler's answer: an object, sent with the route's usual status. Action records in it are rendered. */
export type Answer = Readonly<Record<string, unknown>>;

/** One `POST /<kind>/{id}/actions/<name>`. Build it with {@link action}. */
export interface KindAction<R> {
  body: z.ZodType;
  run(lab: Lab, record: R, body: never): Answer;
}

/** Everything about one kind of resource; {@link mountKind} makes its routes. */
export interface Kind<R extends BaseRecord> {
  /** Path and key of lists: `ssh_keys`. */
  path: string;
  /** Key of one: `ssh_key`; also the type in the resources of actions. */
  singular: string;
  /** Where the records are. Kinds that are not stored give `all` instead. */
  collection?: Collection<R>;
  /** Further collections of the kind, such as the RRsets of zones. */
  moreCollections?: readonly Collection<never>[];
  /** Records in the list; default all of the collection. */
  all?(lab: Lab, query: URLSearchParams): readonly R[];
  /** One record by the path's id; default by number from the collection (or from `all`). */
  find?(lab: Lab, id: string): R | undefined;
  render(lab: Lab, record: R): object;
  /** @default { name } */
  filters?: ListRules<R>["filters"];
  /** Fields of `sort`. @default id, name, created */
  sort?: ListRules<R>["sort"];
  create?: { body: z.ZodType; run(lab: Lab, body: never): Answer };
  update?: { body: z.ZodType; run(lab: Lab, record: R, body: never): R };
  /** Deletes the record; an answer (a `200` with an action) where the API has one, nothing for `204`. */
  remove?(lab: Lab, record: R): Answer | undefined;
  actions?: Readonly<Record<string, KindAction<R>>>;
  /** What the success of an action's command does. The resource may be gone by then. */
  effects?: Readonly<Record<string, (lab: Lab, action: ActionRecord) => void>>;
  /** What this kind does when a resource of another type (`server`, `network`) is deleted, in the same transaction. */
  onDelete?: Readonly<Record<string, (lab: Lab, id: number) => void>>;
  /** Routes that fit no pattern. They are mounted first. */
  routes?(router: Router): void;
}

/** Types an action's (or update's) `run` by its body's schema. */
export function action<R, S extends z.ZodType>(
  body: S,
  run: (lab: Lab, record: R, body: z.output<S>) => Answer,
): KindAction<R> {
  return { body, run: run as KindAction<R>["run"] };
}

export function create<S extends z.ZodType>(
  body: S,
  run: (lab: Lab, body: z.output<S>) => Answer,
): NonNullable<Kind<BaseRecord>["create"]> {
  return { body, run: run as NonNullable<Kind<BaseRecord>["create"]>["run"] };
}

export function update<R extends BaseRecord, S extends z.ZodType>(
  body: S,
  run: (lab: Lab, record: R, body: z.output<S>) => R,
): NonNullable<Kind<R>["update"]> {
  return { body, run: run as NonNullable<Kind<R>["update"]>["run"] };
}

/** Adds routes under one lab: `run` works inside a transaction, after the body has been checked. */
export class Router {
  readonly lab: Lab;
  readonly #app: Hono;

  constructor(app: Hono, lab: Lab) {
    this.#app = app;
    this.lab = lab;
  }

  /** A route that reads. */
  get(path: string, run: (params: Record<string, string>, query: URLSearchParams, c: Context) => Answer): void {
    this.#app.get(path, (c) => {
      const answer = run(c.req.param() as Record<string, string>, new URL(c.req.url).searchParams, c);
      return c.json(this.#rendered(answer) as object);
    });
  }

  /** A route that writes; a `status` of 204 sends no body. */
  write<S extends z.ZodType>(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body: S,
    run: (params: Record<string, string>, body: z.output<S>) => { status: 200 | 201 | 204; answer?: Answer },
  ): void {
    this.#app.on(method, path, async (c) => {
      const given = method === "DELETE" ? {} : await parseBody(await c.req.text(), body);
      this.lab.faults.request = { method: c.req.method, path: apiPath(c) };
      try {
        const { status, answer } = this.lab.store.transaction(() => {
          const result = run(c.req.param() as Record<string, string>, given as z.output<S>);
          return { status: result.status, answer: result.answer && this.#rendered(result.answer) };
        });
        return status === 204 ? c.body(null, 204) : c.json(answer as object, status);
      } finally {
        this.lab.faults.request = undefined;
      }
    });
  }

  /** The four routes that list and get the actions of a kind. */
  actionLists(path: string, type: string, find: (params: Record<string, string>) => BaseRecord): void {
    const { lab } = this;
    const ofKind = (entry: ActionRecord) => entry.resources.some((resource) => resource.type === type);
    const one = (id: string | undefined, fits: (entry: ActionRecord) => boolean) => {
      const entry = lab.store.get(ACTIONS, Number(id));
      if (!entry || !fits(entry)) throw notFound("action", id ?? "");
      return { action: entry };
    };
    this.get(`${path}/actions`, (_, query, c) =>
      this.page("actions", lab.store.all(ACTIONS).filter(ofKind), query, ACTION_LIST, c),
    );
    this.get(`${path}/actions/:action`, (params) => one(params.action, ofKind));
    this.get(`${path}/:id/actions`, (params, query, c) =>
      this.page("actions", lab.actions.of({ type, id: find(params).id }), query, ACTION_LIST, c),
    );
    this.get(`${path}/:id/actions/:action`, (params) => {
      const { id } = find(params);
      return one(params.action, (entry) => entry.resources.some((ref) => ref.type === type && ref.id === id));
    });
  }

  /** A page of a list, with its `Link` header. Action records in it are rendered. */
  page<R>(key: string, records: readonly R[], query: URLSearchParams, rules: ListRules<R>, c: Context): Answer {
    const { entries, meta } = listPage(records, query, rules);
    const link = linkHeader(c.req.url, meta);
    if (link) c.header("Link", link);
    return { [key]: entries, meta };
  }

  #rendered(answer: Answer): Answer {
    const rendered: Record<string, unknown> = { ...answer };
    for (const key of ["action", "actions", "next_actions"]) {
      const value = rendered[key];
      if (Array.isArray(value)) rendered[key] = value.map((entry) => this.lab.actions.render(entry as ActionRecord));
      else if (value) rendered[key] = this.lab.actions.render(value as ActionRecord);
    }
    return rendered;
  }
}

export const ACTION_LIST: ListRules<ActionRecord> = {
  filters: { id: (entry) => entry.id, status: (entry) => entry.status },
  sort: {
    id: (entry) => entry.id,
    command: (entry) => entry.command,
    status: (entry) => entry.status,
    started: (entry) => entry.startedMs,
    finished: (entry) => entry.finished,
  },
};

interface CommonFields {
  name?: string | null;
  created?: string;
  labels?: Labels;
}

/** Mounts a kind's routes under its path. */
export function mountKind<R extends BaseRecord>(router: Router, kind: Kind<R>): void {
  const { lab } = router;
  const base = `/${kind.path}`;
  const common = (record: R) => record as CommonFields;
  const all = (query: URLSearchParams) =>
    kind.all?.(lab, query) ?? (kind.collection ? lab.store.all(kind.collection) : []);
  const rules: ListRules<R> = {
    filters: kind.filters ?? { name: (record) => common(record).name },
    sort: kind.sort ?? {
      id: (record) => record.id,
      name: (record) => common(record).name ?? null,
      created: (record) => common(record).created ?? null,
    },
    labels: (record) => common(record).labels ?? {},
  };
  const find = ({ id = "" }: Record<string, string>): R => {
    const record = kind.find ? kind.find(lab, id) : findById(lab, kind, id);
    if (!record) throw notFound(kind.singular, id);
    return record;
  };
  const one = (record: R) => ({ [kind.singular]: kind.render(lab, record) });

  for (const [command, effect] of Object.entries(kind.effects ?? {})) {
    lab.actions.onSuccess(command, (entry) => effect(lab, entry));
  }
  for (const [type, hook] of Object.entries(kind.onDelete ?? {})) lab.onDelete(type, (id) => hook(lab, id));
  kind.routes?.(router);
  if (kind.actions) router.actionLists(base, kind.singular, find);
  router.get(base, (_, query, c) => {
    const page = router.page(kind.path, all(query), query, rules, c);
    return { ...page, [kind.path]: (page[kind.path] as R[]).map((record) => kind.render(lab, record)) };
  });
  router.get(`${base}/:id`, (params) => one(find(params)));
  const { create: creation, update: change, remove } = kind;
  if (creation) {
    router.write("POST", base, creation.body, (_, body) => ({
      status: 201,
      answer: creation.run(lab, body as never),
    }));
  }
  if (change) {
    router.write("PUT", `${base}/:id`, change.body, (params, body) => ({
      status: 200,
      answer: one(change.run(lab, find(params), body as never)),
    }));
  }
  if (remove) {
    router.write("DELETE", `${base}/:id`, z.unknown(), (params) => {
      const answer = remove(lab, find(params));
      return answer ? { status: 200, answer } : { status: 204 };
    });
  }
  for (const [name, { body, run }] of Object.entries(kind.actions ?? {})) {
    router.write("POST", `${base}/:id/actions/${name}`, body, (params, given) => ({
      status: 201,
      answer: run(lab, find(params), given as never),
    }));
  }
}

function findById<R extends BaseRecord>(lab: Lab, kind: Kind<R>, id: string): R | undefined {
  if (!/^\d{1,16}$/.test(id)) return undefined;
  if (kind.collection && !kind.all) return lab.store.get(kind.collection, Number(id));
  return kind.all?.(lab, new URLSearchParams()).find((record) => record.id === Number(id));
}

/** The request's path without /v1: what faults match against. */
export function apiPath(c: Context): string {
  return c.req.path.replace(/^\/v1(?=\/|$)/, "");
}

/** @throws ApiError `json_error` for what is not JSON, `invalid_input` naming the fields for what does not fit */
export async function parseBody<S extends z.ZodType>(text: string, schema: S): Promise<z.output<S>> {
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError("json_error", "the body of the request is not valid JSON");
  }
  const result = await schema.safeParseAsync(value);
  if (result.success) return result.data;
  const fields = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const name = issue.path.join(".");
    fields.set(name, [...(fields.get(name) ?? []), issue.message]);
  }
  const names = [...fields.keys()].map((name) => `'${name}'`).join(", ");
  throw new ApiError("invalid_input", `invalid input in field${fields.size === 1 ? "" : "s"} ${names}`, {
    fields: [...fields].map(([name, messages]) => ({ name, messages })),
  } satisfies FieldErrors);
}
