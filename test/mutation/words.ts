/** Stryker leaves alone what only people read: a rule that says the same in other words is no other rule. */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** Properties that hold sentences: of rules, reports, settings and controls. */
const SENTENCES = new Set(["title", "description", "message", "why", "fix", "because", "examples", "clause"]);

interface Path {
  readonly node: { readonly type: string; readonly key?: { readonly name?: string } };
  readonly listKey?: string;
  readonly parent?: { readonly type: string; readonly callee?: { readonly property?: { readonly name?: string } } };
}

function shouldIgnore({ node, listKey, parent }: Path): string | undefined {
  const isSentence = node.type === "ObjectProperty" && SENTENCES.has(node.key?.name ?? "");
  const isDescription = listKey === "arguments" && parent?.callee?.property?.name === "describe";
  return isSentence || isDescription ? "a sentence for people" : undefined;
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "words", { shouldIgnore } as never)];
