import type { Collector, Position, Reading } from "./collector.ts";
import { limits } from "./limits.ts";
import type { Setting, Visitor } from "./tree.ts";

/** What the texts of one resource may still take, and what has to be known of a reading before it is remembered. */
export class Budget {
  room: number = limits.decodedBytes;
  /** Set where the budget, not the text, decided what was found: such readings are not remembered. */
  limited = false;
  /** Unset where something was read in which numbers may mean anything: readings hold for no other numbers then. */
  plain = true;

  /** Whether what is read from here on is limited or plain is asked for itself. */
  begin(): readonly [limited: boolean, plain: boolean] {
    const outer = [this.limited, this.plain] as const;
    this.limited = false;
    this.plain = true;
    return outer;
  }

  end([limited, plain]: readonly [boolean, boolean]): void {
    this.limited ||= limited;
    this.plain &&= plain;
  }
}

/** Reads what stands within the text that is being read. */
export interface Texts {
  readonly budget: Budget;
  read(text: string, position?: Position, depth?: number, lasting?: boolean): Reading;
  /** Reads a parsed document. */
  tree(out: Collector, value: unknown, setting: Setting, depth: number): void;
  /** Reads each text of a parsed document. */
  visitor(out: Collector, depth: number): Visitor;
}

/** Where nothing is known of a text. */
export const ANYWHERE: Position = { role: "plain", weak: false, containers: false };
