/** What a URN says: `urn:pulumi:dev::web::web:index:Web$hcloud:index/server:Server::web-1`. */
export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** Own type only: `hcloud:index/server:Server`. */
  readonly type: string;
  /** May contain `::`. */
  readonly name: string;
}

const PREFIX = "urn:pulumi:";
const SEPARATOR = "::";

/** @returns undefined where the text is no URN. */
export function parseUrn(urn: string): Urn | undefined {
  if (!urn.startsWith(PREFIX)) return undefined;
  const stack = urn.indexOf(SEPARATOR, PREFIX.length);
  const project = stack < 0 ? -1 : urn.indexOf(SEPARATOR, stack + 2);
  const types = project < 0 ? -1 : urn.indexOf(SEPARATOR, project + 2);
  if (types < 0) return undefined;
  return {
    stack: urn.slice(PREFIX.length, stack),
    project: urn.slice(stack + 2, project),
    type: urn.slice(Math.max(project + 2, urn.lastIndexOf("$", types - 1) + 1), types),
    name: urn.slice(types + 2),
  };
}

/** The URN of the provider resource in a reference to it, which ends in `::<id>`. Nothing for components, whose reference is empty. */
export function providerUrn(reference: unknown): string | undefined {
  if (typeof reference !== "string" || !reference) return undefined;
  const urn = reference.slice(0, reference.lastIndexOf("::"));
  return parseUrn(urn) ? urn : reference;
}
