/** Longer lines are not parsed whole: millions of small values take more memory than the store's thread may have, which would end the router. */
export const MAX_PARSED_CHARS = 8 * 1024 * 1024;
/** Of such lines no longer value is looked at. */
const MAX_VALUE_CHARS = 64 * 1024;

/** The line, if it is not too long to be parsed; else with null for each long value of its object. Undefined: too long all the same. */
export function fitToParse(line: string): string | undefined {
  if (line.length <= MAX_PARSED_CHARS) return line;
  const short = withoutLongValues(line);
  return short.length <= MAX_PARSED_CHARS ? short : undefined;
}

function withoutLongValues(line: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let depth = 0;
  let valueAt = 0;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (char === '"') at = endOfString(line, at);
    else if (char === "{" || char === "[") depth++;
    else if (char === ":" && depth === 1) valueAt = at + 1;
    else if (char === "}" || char === "]") depth--;
    const isOver = (char === "," && depth === 1) || (char === "}" && depth === 0);
    if (!isOver || at - valueAt <= MAX_VALUE_CHARS) continue;
    pieces.push(line.slice(copied, valueAt), "null");
    copied = at;
  }
  return pieces.join("") + line.slice(copied);
}

/** Where the string that begins there has its closing quote. */
function endOfString(line: string, begin: number): number {
  for (let end = line.indexOf('"', begin + 1); end !== -1; end = line.indexOf('"', end + 1)) {
    let slashes = 0;
    while (line[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end;
  }
  return line.length;
}
