/**
 * The words of a command: cut at blanks, save in quotes ('…' or "…"), which go. There is no shell: nothing is expanded, and a
 * backslash is a backslash, so that Windows paths stay what they are.
 */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}
