/** Questions of the decision, asked in a terminal. */
import { confirm, isCancel, multiselect, note, select, text } from "@clack/prompts";
import { dataClasses, isSovereignClass } from "../../catalogue/data-classes.ts";
import {
  type AnswerName,
  type Answers,
  answerProblem,
  customerKinds,
  type RawAnswers,
  requiredAnswers,
} from "./answers.ts";
import { parseAnswer } from "./read.ts";
import { edgesFor } from "./recommend.ts";

/** Everything about how a result comes about goes to stderr. */
const output = process.stderr;

/** Ctrl-C at a question. */
export class Cancelled extends Error {}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Cancelled();
  return answer as Exclude<T, symbol>;
}

/** @param also what else can be wrong with it */
async function typed(
  name: AnswerName,
  message: string,
  start: { placeholder?: string; initialValue?: string } = {},
  also?: (value: string) => string | undefined,
) {
  const problemOf = (value: string | undefined): string | undefined => {
    try {
      return answerProblem(name, parseAnswer(name, value ?? "")) ?? also?.(value ?? "");
    } catch (error) {
      return (error as Error).message;
    }
  };
  return parseAnswer(name, unlessCancelled(await text({ message, ...start, output, validate: problemOf })));
}

interface Choice {
  readonly value: number;
  readonly label: string;
  readonly hint?: string;
}

const other = -1;

async function amount(name: AnswerName, message: string, unit: string, choices: readonly Choice[]) {
  const options = [...choices, { value: other, label: "another", hint: unit }];
  const chosen = unlessCancelled(await select({ message, options, output }));
  return chosen === other ? typed(name, `${message} In ${unit}.`) : chosen;
}

const losses = (isLocation: boolean): Choice[] => [
  { value: 0, label: "nothing", hint: "every acknowledged write survives" },
  { value: 5, label: "the last seconds" },
  { value: 60, label: "the last minute" },
  ...(isLocation ? [{ value: 604_800, label: "anything", hint: "data can be made again" }] : []),
];

const times: Choice[] = [
  { value: 5, label: "5 minutes" },
  { value: 60, label: "an hour" },
  { value: 240, label: "4 hours" },
  { value: 1440, label: "a day" },
  { value: 10_080, label: "a week" },
];

const classHints: Readonly<Record<(typeof dataClasses)[number], string>> = {
  personal: "of people: names, addresses, orders, sessions",
  financial: "payments, invoices, accounts",
  "business-critical": "secrets of the business, logs, metrics",
  public: "what everybody may read, such as a catalogue",
  static: "files that never change under their name",
  "telemetry-free-tooling": "tools that report nothing",
};

const customerHints: Readonly<Record<(typeof customerKinds)[number], string>> = {
  consumers: "private people",
  businesses: "companies",
  "public-sector": "administrations, schools, hospitals of the state",
  finance: "banks, insurers, payment institutions and others under DORA",
};

interface Asking {
  readonly stackProblem: (stack: string) => string | undefined;
  readonly before: RawAnswers;
}

const questions: Readonly<Partial<Record<AnswerName, (asking: Asking) => Promise<unknown>>>> = {
  stack: ({ stackProblem }) =>
    typed("stack", "What is the stack called?", { initialValue: "production" }, stackProblem),
  domain: () => typed("domain", "Under which domain does it serve?", { placeholder: "shop.example.eu" }),
  data: async () =>
    unlessCancelled(
      await multiselect({
        message: "Which data does it handle?",
        options: dataClasses.map((value) => ({
          value,
          label: value,
          hint: `${classHints[value]}; ${isSovereignClass(value) ? "stays in the EU" : "may leave it"}`,
        })),
        required: true,
        output,
      }),
    ),
  customers: async () =>
    unlessCancelled(
      await multiselect({
        message: "Who are the customers?",
        options: customerKinds.map((value) => ({ value, label: value, hint: customerHints[value] })),
        required: true,
        output,
      }),
    ),
  rpo: () => amount("rpo", "What may be lost when a machine is lost (RPO)?", "seconds", losses(false)),
  rto: () => amount("rto", "For how long may writes stop when a machine is lost (RTO)?", "minutes", times),
  locationRpo: () => amount("locationRpo", "What may be lost when a whole location is lost?", "seconds", losses(true)),
  locationRto: () =>
    amount("locationRto", "For how long may writes stop when a whole location is lost?", "minutes", times),
  traffic: () => typed("traffic", "Where are the visitors? Percent by country.", { placeholder: "DE=60,AT=20,FR=20" }),
  team: async () =>
    unlessCancelled(
      await select({
        message: "When does somebody look after it?",
        options: [
          { value: "on-call", label: "day and night", hint: "somebody is on call" },
          { value: "office-hours", label: "in office hours" },
        ],
        output,
      }),
    ),
  people: () => typed("people", "How many people can operate it?", { initialValue: "2" }),
  budget: () => typed("budget", "What may it cost a month, in EUR, net?", { placeholder: "500" }),
  admins: () =>
    typed("admins", "From which public ranges is it administered, and from which EU countries?", {
      placeholder: "203.0.113.10/32=DE",
    }),
  sshKeys: () =>
    typed("sshKeys", "Files of the administrators' SSH public keys?", { initialValue: "~/.ssh/id_ed25519.pub" }),
  backup: async () => {
    const chosen = unlessCancelled(
      await select({
        message: "Where do backups go?",
        options: [
          { value: "hetzner", label: "Hetzner's object storage", hint: "in another location than the data" },
          { value: "own", label: "another store in the EU" },
          { value: "none", label: "nowhere", hint: "what is deleted is gone" },
        ],
        output,
      }),
    );
    return chosen === "own"
      ? typed("backup", "Which? Host, country, region, bucket.", { placeholder: "s3.example.eu,FR,eu-west,backups" })
      : chosen;
  },
};

/** Asked only where they matter. */
const furtherQuestions: readonly {
  name: AnswerName;
  matters: (answers: Answers) => boolean;
  ask: (answers: Answers) => Promise<unknown>;
}[] = [
  {
    name: "zoneExists",
    matters: () => true,
    ask: async ({ domain }) =>
      unlessCancelled(
        await confirm({
          message: `Is the zone of ${domain} in the Hetzner project already?`,
          initialValue: false,
          output,
        }),
      ),
  },
  {
    name: "edgePaths",
    matters: (answers) => edgesFor(answers).length > 0,
    ask: ({ data }) =>
      typed("edgePaths", "What may be served from outside the EU, and as what?", {
        initialValue: data.includes("static") ? "/assets/=static" : "/public/=public",
      }),
  },
];

/**
 * Asks for what is missing.
 * @throws Cancelled by Ctrl-C
 */
export async function askMissing(before: RawAnswers, stackProblem: Asking["stackProblem"]): Promise<RawAnswers> {
  const answers: Record<string, unknown> = { ...before };
  for (const name of requiredAnswers)
    if (answers[name] === undefined) answers[name] = await questions[name]!({ stackProblem, before: answers });
  for (const { name, matters, ask } of furtherQuestions)
    if (answers[name] === undefined && matters(answers as Answers)) answers[name] = await ask(answers as Answers);
  return answers;
}

/** @throws Cancelled by Ctrl-C */
export async function askToWrite(recommendation: string, file: string): Promise<boolean> {
  note(recommendation, "Recommendation", { output, format: (line) => line });
  return unlessCancelled(await confirm({ message: `Write ${file}?`, initialValue: true, output }));
}
