import { invalidInput } from "./errors.ts";
import { type Labels, parseLabelSelector } from "./label-selector.ts";

/** Entries per page when the request does not say, and at most where a kind does not say more. */
const DEFAULT_PER_PAGE = 25;
const MAX_PER_PAGE = 50;

type SortKey = string | number | null;

/** How a kind can be listed. */
export interface ListRules<R> {
  /** Query parameter -> value(s) of a record; a record stays when one of the parameter's values is among them. */
  filters: Readonly<Record<string, (record: R) => unknown>>;
  /** Sort field -> key of a record. The first one is the default. */
  sort: Readonly<Record<string, (record: R) => SortKey>>;
  /** Labels of a record, where the kind has labels. */
  labels?: ((record: R) => Labels) | undefined;
  /** Most entries per page. @default 50 */
  maxPerPage?: number;
}

export interface Page<R> {
  entries: R[];
  meta: {
    pagination: {
      page: number;
      per_page: number;
      previous_page: number | null;
      next_page: number | null;
      last_page: number;
      total_entries: number;
    };
  };
}

/** Filters, sorts and cuts out the page that the query asks for. */
export function listPage<R>(records: readonly R[], query: URLSearchParams, rules: ListRules<R>): Page<R> {
  const page = pageNumber(query, "page", 1, Number.MAX_SAFE_INTEGER);
  const wanted = pageNumber(query, "per_page", DEFAULT_PER_PAGE, Number.MAX_SAFE_INTEGER);
  const perPage = Math.min(wanted, rules.maxPerPage ?? MAX_PER_PAGE);
  const found = sorted(filtered(records, query, rules), query, rules);
  const last = Math.max(1, Math.ceil(found.length / perPage));
  return {
    entries: found.slice((page - 1) * perPage, page * perPage),
    meta: {
      pagination: {
        page,
        per_page: perPage,
        previous_page: page > 1 ? page - 1 : null,
        next_page: page < last ? page + 1 : null,
        last_page: last,
        total_entries: found.length,
      },
    },
  };
}

/** The `Link` header (RFC 8288) for a page, or undefined when there is only one. */
export function linkHeader(url: string, { pagination }: Page<unknown>["meta"]): string | undefined {
  const links: string[] = [];
  const add = (rel: string, page: number | null) => {
    if (page === null) return;
    const target = new URL(url);
    target.searchParams.set("page", String(page));
    links.push(`<${target}>; rel="${rel}"`);
  };
  if (pagination.last_page === 1) return undefined;
  add("prev", pagination.previous_page);
  add("next", pagination.next_page);
  add("first", 1);
  add("last", pagination.last_page);
  return links.join(", ");
}

function pageNumber(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null || text === "") return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw invalidInput(name, "must be a whole number of at least 1");
  return value;
}

function filtered<R>(records: readonly R[], query: URLSearchParams, rules: ListRules<R>): readonly R[] {
  let found = records;
  for (const [parameter, read] of Object.entries(rules.filters)) {
    const wanted = query.getAll(parameter).filter((value) => value !== "");
    if (wanted.length === 0) continue;
    found = found.filter((record) => {
      const value = read(record);
      return Array.isArray(value) ? value.some((one) => wanted.includes(String(one))) : wanted.includes(String(value));
    });
  }
  const selector = query.get("label_selector");
  const labelsOf = rules.labels;
  if (selector && labelsOf) {
    const matches = parseLabelSelector(selector);
    found = found.filter((record) => matches(labelsOf(record)));
  }
  return found;
}

function sorted<R>(records: readonly R[], query: URLSearchParams, rules: ListRules<R>): readonly R[] {
  const [firstField] = Object.keys(rules.sort);
  const wanted = query.getAll("sort").filter((value) => value !== "");
  const orders = (wanted.length > 0 ? wanted : firstField ? [firstField] : []).map((text) => {
    const [field = "", direction = "asc", ...rest] = text.split(":");
    const key = Object.hasOwn(rules.sort, field) ? rules.sort[field] : undefined;
    if (!key || rest.length > 0 || (direction !== "asc" && direction !== "desc")) {
      throw invalidInput("sort", `must be one of ${Object.keys(rules.sort).join(", ")}, with :asc or :desc`);
    }
    return { key, sign: direction === "asc" ? 1 : -1 };
  });
  return [...records].sort((a, b) => {
    for (const { key, sign } of orders) {
      const order = compare(key(a), key(b)) * sign;
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: SortKey, b: SortKey): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
