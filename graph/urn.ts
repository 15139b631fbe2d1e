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

/** @returns undefined where the text is no URN. */
export function parseUrn(urn: string): Urn | undefined {
  if (!urn.startsWith(PREFIX)) return undefined;
  const ends = [0, 0, 0];
  for (let i = 0, from = PREFIX.length; i < 3; i++) {
    const end = urn.indexOf("::", from);
    if (end < 0) return undefined;
    ends[i] = end;
    from = end + 2;
  }
  const types = urn.slice(ends[1]! + 2, ends[2]);
  return {
    stack: urn.slice(PREFIX.length, ends[0]),
    project: urn.slice(ends[0]! + 2, ends[1]),
    type: types.slice(types.lastIndexOf("$") + 1),
    name: urn.slice(ends[2]! + 2),
  };
}

/** The URN of the provider resource in a reference to it, which ends in `::<id>`. Nothing for components, whose reference is empty. */
export function providerUrn(reference: unknown): string | undefined {
  if (typeof reference !== "string" || !reference) return undefined;
  const urn = reference.slice(0, reference.lastIndexOf("::"));
  return parseUrn(urn) ? urn : reference;
}
