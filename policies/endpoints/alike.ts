/** What machines of one deployment differ in, made the same: texts that differ in nothing else need be looked through once. */

/**
 * An address of a private network, where nothing stands beside it that could make it a part of something else. In JSON an end of line is
 * an escape, whose letter stands before.
 */
const PRIVATE =
  /(?<=\/\/|\\n|[\s"'=,:;@({[<>!])(10|192\.168(?=(?:\.\d{1,3}){2}(?![.\d])))((?:\.\d{1,3}){2,3})(?=\\n|[\s"',:;/)}\]<>]|$)/g;

/** A key or certificate as JSON has it. */
const PEM = /-----BEGIN ([A-Z0-9 ]{3,40})-----((?:[A-Za-z0-9+/=]{0,76}\\n)*)-----END \1-----/g;

/**
 * A text in JSON without what leads nowhere, whatever it is: keys and certificates are emptied, and private addresses become one and the
 * same of that length.
 */
export function inCommon(raw: string): string {
  const text = raw.includes("-----BEGIN ")
    ? raw.replace(
        PEM,
        (_, name: string, body: string) => `-----BEGIN ${name}-----${emptied(body)}-----END ${name}-----`,
      )
    : raw;
  if (!text.includes("10.") && !text.includes("192.168.")) return text;
  return text.replace(PRIVATE, (_, network: string, host: string) => network + host.replace(/\d/g, "1"));
}

/** Lines keep their numbers. */
const emptied = (body: string): string => "\\n".repeat(body.split("\\n").length - 1);

/**
 * A whole number that stands by itself or ends a word (`web-17`), in JSON. What stands beside keeps it from being a part of a name, an
 * address, a port, a key or an escape, and its length from being taken for something packed.
 */
const NUMBER = /(?<=[ =]|[A-Za-z]-)\d{1,11}(?=\\n|"(?!\s*:)| [^=:\s])/g;

/**
 * The text with all such numbers made the same. What is looked for in lines and in commands without variables does not ask which number it
 * is: but a script may put an address together of numbers, and what is packed may be packed in them.
 */
export const withoutNumbers = (raw: string): string => raw.replace(NUMBER, (number) => "1".repeat(number.length));

/** The text with other numbers in all these places: whether they show in what is found. */
export const withOtherNumbers = (raw: string): string =>
  raw.replace(NUMBER, (number) => number.replace(/\d/g, (digit) => (digit === "1" ? "2" : "1")));

/** A text in JSON, as it is to be read and as it is to be compared. */
export interface Part {
  /** As it is written, but for what leads nowhere: {@link inCommon}. */
  readonly raw: string;
  /** The same without what machines differ in: {@link withoutNumbers}. Character by character the same place in both. */
  readonly alike: string;
}

export function partOf(text: string): Part {
  const raw = inCommon(text);
  return { raw, alike: withoutNumbers(raw) };
}
