import { addressOrRange, bareHost } from "./hosts.ts";
import { mailAddresses } from "./tokens.ts";
import type { Lead } from "./urls.ts";
import { urls } from "./urls.ts";

/**
 * What a DNS record's value leads to: `10 mx.example.eu.`, `0 5 5060 sip.example.eu`, `0 issue "ca.example.eu"`,
 * `v=spf1 include:mail.example.eu ip4:192.0.2.0/24`, DMARC's report addresses. Other texts (proofs of ownership) lead nowhere.
 */
export function* recordLeads(text: string): Generator<Lead> {
  const value = text
    .trim()
    .replace(/^"(.*)"$/s, "$1")
    .slice(0, 4096);
  if (/^v=spf1/i.test(value)) {
    for (const word of value.split(/\s+/)) {
      const target = /^[+?~-]?(?:include:|a:|mx:|ip4:|ip6:|exists:|redirect=)(\S+)$/i.exec(word)?.[1];
      const host = target && (bareHost(target) ?? bareHost(target.replace(/^.*%\{[^}]*\}\.?/, "")));
      if (host) yield { ...host, form: "dns-record" };
    }
    return;
  }
  if (/^v=DMARC1|^v=TLSRPT|^v=BIMI/i.test(value)) {
    yield* mailAddresses(value);
    yield* urls(value);
    return;
  }
  if (/^v=|^[\w-]+[=:]|^[\w-]*verification/i.test(value) && !addressOrRange(value)) return;
  const words = value.split(/\s+/).slice(0, 8);
  for (const word of words) {
    const name = word.replace(/^"(.*)"$/, "$1").split(";", 1)[0]!;
    const host = bareHost(name.replace(/^\*\./, ""));
    if (host) yield { ...host, form: "dns-record" };
  }
}
