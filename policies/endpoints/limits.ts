/** How much of one resource is looked at. What lies beyond is reported as blind, never left out silently. */
export const limits = {
  /** Bytes that all decodings of one resource may yield together. */
  decodedBytes: 32 * 1024 * 1024,
  /** Encodings and embedded documents within one another. */
  depth: 12,
  /** Objects and lists within one another. */
  nesting: 64,
  /** Endpoints of one resource; a longer list helps nobody. */
  endpoints: 5000,
  /** Characters that the YAML parser is given at most; it takes about 1 ms for 1,600 characters. */
  yamlCharacters: 512 * 1024,
  /** Characters of texts that are remembered together, with what was found in them. */
  rememberedCharacters: 16 * 1024 * 1024,
  /** Host names whose suffix is remembered. */
  rememberedHosts: 20_000,
  /** Names that one piece of shell may define, and characters that one word may grow to. */
  shellVariables: 2000,
  shellWordCharacters: 64 * 1024,
} as const;
