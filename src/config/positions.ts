import { parse } from "smol-toml";

/** Keys and array indexes from the root: `["routers", 2, "provider"]`. */
export type Path = readonly (string | number)[];

/** From 1; columns count UTF-16 units, as editors do. */
export interface Position {
  line: number;
  column: number;
}

/** Where the keys of a TOML text stand. The parser tells values only. */
export interface Positions {
  /** Of the key, table header or array element at `path`; of its nearest parent when it is not in the text itself. */
  of(path: Path): Position;
}

/** Maps every key path of a valid TOML text to its place. On invalid text it finds what it can and never throws. */
export function locate(toml: string): Positions {
  const found = new KeyScanner(toml).scan();
  const lineStarts = startsOfLines(toml);
  return {
    of(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = found.get(JSON.stringify(path.slice(0, length)));
        if (offset !== undefined) return positionAt(lineStarts, offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

interface KeyPart {
  name: string;
  offset: number;
}

/** Reads keys, headers and the nesting of values; the values themselves it only skips. */
class KeyScanner {
  readonly #text: string;
  #at = 0;
  readonly #found = new Map<string, number>();
  /** How many elements each array of tables has so far. */
  readonly #tables = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Map<string, number> {
    let table: Path = [];
    while (this.#skipBlank()) {
      const before = this.#at;
      if (this.#peek() === "[") table = this.#header();
      else this.#keyValue(table);
      // Only invalid text stands still.
      if (this.#at === before) this.#at++;
    }
    return this.#found;
  }

  #header(): Path {
    const start = this.#at;
    const isArray = this.#text.startsWith("[[", start);
    this.#at += isArray ? 2 : 1;
    const parts = this.#key();
    this.#at += this.#text.startsWith("]]", this.#at) && isArray ? 2 : 1;
    let path: Path = [];
    for (const [index, part] of parts.entries()) {
      path = [...path, part.name];
      const isLast = index === parts.length - 1;
      this.#note(path, isLast ? start : part.offset);
      if (isLast && isArray) {
        path = this.#nextElement(path);
        this.#note(path, start);
      } else {
        path = this.#lastElement(path);
      }
    }
    return path;
  }

  #nextElement(path: Path): Path {
    const key = JSON.stringify(path);
    const count = this.#tables.get(key) ?? 0;
    this.#tables.set(key, count + 1);
    return [...path, count];
  }

  /** A name in a header means the last element, where it names an array of tables. */
  #lastElement(path: Path): Path {
    const count = this.#tables.get(JSON.stringify(path));
    return count === undefined ? path : [...path, count - 1];
  }

  #keyValue(table: Path): void {
    let path = table;
    for (const part of this.#key()) {
      path = [...path, part.name];
      this.#note(path, part.offset);
    }
    if (this.#peek() === "=") this.#at++;
    this.#skipSpace();
    this.#value(path);
  }

  /** A dotted key; ends on the character after it. */
  #key(): KeyPart[] {
    const parts: KeyPart[] = [];
    for (;;) {
      this.#skipSpace();
      const offset = this.#at;
      const quote = this.#peek();
      if (quote === '"' || quote === "'") {
        this.#skipString();
        parts.push({ name: unquote(this.#text.slice(offset, this.#at)), offset });
      } else {
        this.#skipWhile(/[^\s.=\][{},#"']+/y);
        parts.push({ name: this.#text.slice(offset, this.#at), offset });
      }
      this.#skipSpace();
      if (this.#peek() !== ".") return parts;
      this.#at++;
    }
  }

  #value(path: Path): void {
    const first = this.#peek();
    if (first === '"' || first === "'") this.#skipString();
    else if (first === "[") this.#items("]", (index) => this.#element([...path, index]));
    else if (first === "{") this.#items("}", () => this.#keyValue(path));
    else this.#skipWhile(/[^,\]}#\r\n]+/y);
  }

  #element(path: Path): void {
    this.#note(path, this.#at);
    this.#value(path);
  }

  /** What stands between brackets, separated by commas, with comments and line ends anywhere. */
  #items(close: string, read: (index: number) => void): void {
    this.#at++;
    for (let index = 0; this.#skipBlank() && this.#peek() !== close; index++) {
      const before = this.#at;
      read(index);
      if (this.#skipBlank() && this.#peek() === ",") this.#at++;
      else if (this.#at === before) break;
    }
    this.#at++;
  }

  #skipString(): void {
    const quote = this.#peek() ?? "";
    const triple = quote.repeat(3);
    const delimiter = this.#text.startsWith(triple, this.#at) ? triple : quote;
    this.#at += delimiter.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(delimiter, this.#at)) {
      this.#at += quote === '"' && this.#peek() === "\\" ? 2 : 1;
    }
    this.#at += delimiter.length;
    // Up to two quotes may stand right before the closing three.
    if (delimiter.length === 3) this.#skipWhile(quote === '"' ? /"+/y : /'+/y);
  }

  /** Past white space, line ends and comments. False at the end of the text. */
  #skipBlank(): boolean {
    for (;;) {
      this.#skipWhile(/\s+/y);
      if (this.#peek() !== "#") return this.#at < this.#text.length;
      this.#skipWhile(/[^\n]+/y);
    }
  }

  #skipSpace(): void {
    this.#skipWhile(/[ \t]+/y);
  }

  #skipWhile(some: RegExp): void {
    some.lastIndex = this.#at;
    if (some.test(this.#text)) this.#at = some.lastIndex;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #note(path: Path, offset: number): void {
    const key = JSON.stringify(path);
    if (!this.#found.has(key)) this.#found.set(key, offset);
  }
}

/** The parser knows all the escapes. */
function unquote(quoted: string): string {
  try {
    const { key } = parse(`key = ${quoted}`);
    return typeof key === "string" ? key : quoted;
  } catch {
    return quoted;
  }
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
