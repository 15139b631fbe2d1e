/** How many controls have nothing against them, before and after. */
import { byFramework, type Evaluation, type Rule, stateOfControl } from "../policies/index.ts";
import type { Score, ScoreCount, ScoreGroup } from "./model.ts";

/**
 * Of the controls that a rule looked at, the share with nothing against them: neither a violation nor something that could not be
 * established, notices and exempted findings aside. Controls that no rule looked at count on neither side.
 */
export function scoreOf(rules: readonly Rule[], before: Evaluation, after: Evaluation): Score {
  const states = (evaluation: Evaluation) =>
    byFramework({
      rules,
      evaluation,
      source: { kind: "events", name: "" },
      verdict: { code: 0, word: "passes" },
      today: "",
    });
  const [then, now] = [states(before), states(after)];
  const groups = [...now].flatMap(([framework, results]): ScoreGroup[] => {
    const own = counted(results.map(stateOfControl));
    const previous = counted((then.get(framework) ?? []).map(stateOfControl));
    if (own.share === undefined && previous.share === undefined) return [];
    const against = results.filter((result) => isAgainst(stateOfControl(result))).map(({ clause }) => clause);
    return [{ framework, before: previous, after: own, against }];
  });
  return {
    groups,
    before: total(groups.map((group) => group.before)),
    after: total(groups.map((group) => group.after)),
  };
}

type State = ReturnType<typeof stateOfControl>;

const isAgainst = (state: State): boolean => state === "against" || state === "not established";

function counted(states: readonly State[]): ScoreCount {
  const looked = states.filter((state) => state !== "not looked at");
  const against = looked.filter(isAgainst).length;
  return withShare(looked.length - against, against);
}

function total(counts: readonly ScoreCount[]): ScoreCount {
  const sum = (of: "clear" | "against") => counts.reduce((all, count) => all + count[of], 0);
  return withShare(sum("clear"), sum("against"));
}

function withShare(clear: number, against: number): ScoreCount {
  const all = clear + against;
  return { clear, against, ...(all > 0 && { share: Math.round((clear / all) * 1000) / 1000 }) };
}
