/** One exchange of a go-vcr file, as far as it is looked at. */
export interface VcrExchange {
  url: string;
  request: string;
  status: number;
  body: string;
}

/** Reads the few keys of go-vcr's YAML that matter: it is written by a program, always in one of two layouts. */
export function readExchange(yaml: string): VcrExchange {
  const lines = yaml.split("\n");
  const [request, body] = lines.flatMap((line, at) => {
    const match = /^( +)body: (.*)$/.exec(line);
    return match ? [scalar(lines, at, match[1]?.length ?? 0, match[2] ?? "")] : [];
  });
  const url = /^ +url: (.*)$/m.exec(yaml)?.[1];
  const code = /^ +code: (\d+)$/m.exec(yaml)?.[1];
  if (request === undefined || body === undefined || url === undefined || code === undefined) {
    throw new Error("not an exchange of go-vcr");
  }
  return { url, request, status: Number(code), body };
}

/** A quoted or plain scalar on its line, or the block below it. */
function scalar(lines: string[], at: number, indent: number, rest: string): string {
  if (rest.startsWith('"')) return quoted(lines, at, rest);
  if (rest.startsWith("'")) return single(lines, at, rest);
  if (!rest.startsWith("|")) return rest;
  const block: string[] = [];
  const inner = indent + 4;
  for (const line of lines.slice(at + 1)) {
    if (line.trim() !== "" && line.search(/\S/) <= indent) break;
    block.push(line.slice(inner));
  }
  const text = block.join("\n");
  // `|-` has no line end, `|+` has all of them.
  return rest.startsWith("|+") ? `${text}\n` : text.trimEnd();
}

/** YAML's escapes are JSON's here; a long text goes on in the next lines. */
function quoted(lines: string[], at: number, rest: string): string {
  let text = rest;
  for (let next = at + 1; !/[^\\]"$/.test(text); next++) text += ` ${(lines[next] ?? "").trim()}`;
  const value: unknown = JSON.parse(text);
  return String(value);
}

function single(lines: string[], at: number, rest: string): string {
  let text = rest;
  for (let next = at + 1; !/[^']'$/.test(text); next++) text += ` ${(lines[next] ?? "").trim()}`;
  return text.slice(1, -1).replaceAll("''", "'");
}
