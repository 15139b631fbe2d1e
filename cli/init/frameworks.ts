/** Which law the answers call up. What was not asked is said to be open; none of it is legal advice. */
import { isSovereignClass } from "../../catalogue/data-classes.ts";
import type { Answers } from "./answers.ts";

export interface Framework {
  readonly name: string;
  /** Whether the answers alone say that it applies. */
  readonly applies: "yes" | "maybe";
  readonly why: string;
}

/** Read on EUR-Lex: GDPR (EU) 2016/679, NIS2 (EU) 2022/2555, DORA (EU) 2022/2554. */
export function frameworksFor({ data, customers }: Pick<Answers, "data" | "customers">): Framework[] {
  return [
    data.includes("personal")
      ? {
          name: "GDPR, (EU) 2016/679",
          applies: "yes",
          why: "personal data: a contract with each processor (Art. 28), a record of processing (Art. 30)",
        }
      : {
          name: "GDPR, (EU) 2016/679",
          applies: "maybe",
          why: "no personal data are stated; visitors' IP addresses in logs can be personal data all the same",
        },
    ...(customers.includes("finance")
      ? [
          {
            name: "DORA, (EU) 2022/2554",
            applies: "yes" as const,
            why: "financial entities among the customers: as their ICT provider you owe them contracts as in Art. 30, which name where data are",
          },
        ]
      : []),
    ...(customers.some((kind) => kind !== "finance")
      ? [
          {
            name: "NIS2, (EU) 2022/2555",
            applies: "maybe" as const,
            why: "your sector (Annexes I and II) and size decide, and were not asked",
          },
        ]
      : []),
    ...(customers.includes("public-sector") && data.some(isSovereignClass)
      ? [
          {
            name: "C5, SecNumCloud, EU Cloud Sovereignty Framework",
            applies: "maybe" as const,
            why: "public buyers may ask for one of them: `npx sovereign check --by-framework` says what a plan shows of each",
          },
        ]
      : []),
  ];
}
