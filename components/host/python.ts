const quotes = '"""';
const depth = (line: string | undefined): number => line?.search(/\S/) ?? 0;
const narrow = (line: string): string => line.replace(/^ +/, (room) => " ".repeat(Math.ceil(room.length / 4)));

/**
 * A Python program without comments, docstrings and the room that they take: user data is short. The module's own docstring stays, which is
 * what `--help` says. For programs in four spaces a level whose only texts of several lines are docstrings.
 */
export function condensePython(source: string): string {
  const lines = source.split("\n");
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (!line.trimStart().startsWith(quotes)) {
      const isComment = i > 0 && line.trimStart().startsWith("#");
      if (line.trim() !== "" && !isComment) kept.push(narrow(line));
      continue;
    }
    const first = i;
    while (!lines[i]!.slice(i === first ? depth(line) + quotes.length : 0).includes(quotes)) i++;
    if (depth(line) === 0) kept.push(...lines.slice(first, i + 1));
    else if (depth(lines.slice(i + 1).find((next) => next.trim() !== "")) < depth(line))
      kept.push(narrow(`${line.slice(0, depth(line))}pass`));
  }
  return `${kept.join("\n")}\n`;
}

/** A Python program with its settings in place of its line `SETTINGS = {}`: texts, numbers, and maps and lists of them. */
export const withSettings = (program: string, settings: Readonly<Record<string, unknown>>): string =>
  program.replace("\nSETTINGS = {}\n", () => `\nSETTINGS = ${JSON.stringify(settings)}\n`);
