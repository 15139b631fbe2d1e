/** Text as one word of a shell command: nothing has a meaning between single quotes. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
