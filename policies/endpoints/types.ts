import type { Properties, Unseen } from "../../graph/model.ts";

/** A text that was found in a resource's properties, after decoding. */
export interface Found {
  /** Property path in Pulumi's terms: `spec.template.spec.containers[0].image`. */
  readonly property: string;
  /** The way into a decoded value, outermost first: `["gzip", "part 2 (cloud-config)", "runcmd[3]"]`; empty for plain values. */
  readonly place: readonly string[];
  /** Whether it, or what it stood in, is marked secret: then its text is in no report. */
  readonly secret: boolean;
}

/** Somewhere that the text leads to. */
export interface Endpoint extends Found {
  /** Lower case, punycode, no trailing dot; or an address (IPv6 without brackets), or a CIDR. */
  readonly host: string;
  readonly kind: "name" | "address" | "range";
  /** How it was recognised, which decides how sure one can be. */
  readonly form:
    | "url"
    | "image"
    | "setting"
    | "connection-string"
    | "e-mail"
    | "command"
    | "package-source"
    | "resolver"
    | "ntp"
    | "dns-record"
    | "bare"
    /** The constant end of a name that is put together elsewhere: `https://${x}.example.com` gives `example.com`. */
    | "template";
  readonly port?: number;
}

/** What could not be looked into: unseen values, and decodings that were cut or failed. Never silently nothing. */
export interface Blind extends Found {
  readonly why: Unseen["why"] | "broken" | "too-big" | "too-deep" | "encrypted";
  readonly detail?: string;
}

/** Everything that a resource's properties lead to. */
export interface Extraction {
  readonly endpoints: readonly Endpoint[];
  readonly blind: readonly Blind[];
}

/** Pure, bounded in time and memory whatever comes in. */
export type Extract = (properties: Properties, type: string) => Extraction;
