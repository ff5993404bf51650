/**
 * Edits a JSON object in its own bytes, so that a passed-through request stays the client's to the byte: key order, spaces,
 * big numbers, everything. Works on the raw body, and agrees with what `JSON.parse` saw: no key stands twice in what `parseBody` let in.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

/** Where a top-level member of the object stands: from the first byte of its key to behind its value. */
interface Member {
  key: string;
  keyStart: number;
  valueStart: number;
  end: number;
}

/** Sets the top-level `model` and takes out the members of `without`. `body` has to be a JSON object that parses, and have no key twice. */
export function spliceBody(body: Buffer, model: string | undefined, without: readonly string[]): Buffer {
  if (model === undefined && without.length === 0) return body;
  const members = topLevelMembers(body, without.length === 0 ? "model" : undefined);
  const kept = members.filter((member) => !without.includes(member.key));
  const pieces: Buffer[] = [];
  const first = members[0];
  let from = 0;
  if (first && kept.length < members.length) {
    // Members go, so commas must: the rest is set side by side anew, each in its own bytes.
    pieces.push(body.subarray(0, first.keyStart));
    kept.forEach((member, position) => {
      if (position > 0) pieces.push(Buffer.from(","));
      pieces.push(...withModel(body, member.keyStart, member, model));
    });
    from = members.at(-1)?.end ?? 0;
  } else {
    for (const member of members) {
      if (member.key !== "model" || model === undefined || holds(body, member, model)) continue;
      pieces.push(...withModel(body, from, member, model));
      from = member.end;
    }
  }
  pieces.push(body.subarray(from));
  return Buffer.concat(pieces);
}

/** The bytes from `from` to the member's end, with its value replaced if it is the model. */
function withModel(body: Buffer, from: number, member: Member, model: string | undefined): Buffer[] {
  if (member.key !== "model" || model === undefined) return [body.subarray(from, member.end)];
  return [body.subarray(from, member.valueStart), Buffer.from(JSON.stringify(model))];
}

/** The value says this already, in whatever spelling. */
function holds(body: Buffer, member: Member, model: string): boolean {
  return (
    body[member.valueStart] === QUOTE && JSON.parse(body.toString("utf8", member.valueStart, member.end)) === model
  );
}

/** Every member of the outermost object, in order, duplicates included; none behind the one called `last`. */
export function topLevelMembers(body: Buffer, last?: string): Member[] {
  const members: Member[] = [];
  let at = body.indexOf(OPEN_OBJECT) + 1;
  for (;;) {
    const keyStart = body.indexOf(QUOTE, at);
    if (keyStart === -1) return members;
    if (members.length === 0 && body.subarray(at, keyStart).includes(CLOSE_OBJECT)) return members; // `{}`
    const keyEnd = endOfString(body, keyStart);
    const key = keyIn(body.toString("utf8", keyStart + 1, keyEnd - 1));
    const valueStart = skipSpace(body, body.indexOf(0x3a, keyEnd) + 1);
    const end = endOfValue(body, valueStart);
    members.push({ key, keyStart, valueStart, end });
    if (key === last) return members;
    const after = skipSpace(body, end);
    if (body[after] !== COMMA) return members;
    at = after + 1;
  }
}

/** What stands between the quotes, as it is meant. */
function keyIn(spelt: string): string {
  return spelt.includes("\\") ? String(JSON.parse(`"${spelt}"`)) : spelt;
}

function skipSpace(body: Buffer, at: number): number {
  let next = at;
  for (let byte = body[next]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = body[next])
    next++;
  return next;
}

/** Behind the closing quote. Jumps from quote to quote, so long prompts cost next to nothing. */
function endOfString(body: Buffer, start: number): number {
  let at = start;
  for (;;) {
    at = body.indexOf(QUOTE, at + 1);
    if (at === -1) throw new Error("unterminated string in a body that parsed");
    let backslashes = 0;
    while (body[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function endOfValue(body: Buffer, start: number): number {
  const first = body[start];
  if (first === QUOTE) return endOfString(body, start);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfNested(body, start);
  let at = start;
  for (;;) {
    const byte = body[at];
    if (byte === undefined || byte === COMMA || byte === CLOSE_OBJECT || byte <= 0x20) return at;
    at++;
  }
}

function endOfNested(body: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const byte = body[at];
    if (byte === undefined) throw new Error("unterminated value in a body that parsed");
    if (byte === QUOTE) {
      at = endOfString(body, at);
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--;
      if (depth === 0) return at + 1;
    }
    at++;
  }
}
