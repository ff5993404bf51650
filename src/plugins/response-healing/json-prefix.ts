/** What may come next. */
type Expects = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end" | "nothing";

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** What nests deeper means nothing. */
const MAX_DEPTH = 500;
const HALF_NUMBER = /^-?((0|[1-9]\d*)(\.\d*)?([eE][+-]?)?)?$/;
const WORDS: ReadonlySet<string> = new Set(["true", "false", "null"]);

/**
 * Reads the JSON text of an object or array as it comes, and knows how much of it would also be the beginning of its repaired
 * form: what is `certain` can be sent before the rest is there. A comma is not before something follows it, nor a closing quote,
 * a number, a word, an escape or white space: a repair may take those away.
 */
export class JsonPrefix {
  /** So many characters at the beginning. */
  certain = 0;
  /** It is no JSON from some point on. */
  broken = false;
  #at = 0;
  #expects: Expects = "value";
  readonly #open: ("{" | "[")[] = [];
  #inString = false;
  #stringIsKey = false;
  /** Of an escape: `\`, then up to five more. */
  #escape = "";
  /** A number or a word so far. */
  #word = "";

  /** The object or array is closed, and nothing but white space follows. */
  get complete(): boolean {
    return !this.broken && this.#expects === "nothing";
  }

  feed(text: string): void {
    for (let index = 0; index < text.length && !this.broken; index++) {
      this.broken = !this.#takes(text.charAt(index));
      this.#at++;
    }
  }

  /** The text it was fed, as the shortest JSON that goes on from there; undefined where there is none. */
  completed(text: string): string | undefined {
    if (this.broken || this.#open.length === 0 || this.#open.length > MAX_DEPTH) return undefined;
    const end = this.#completedValue(text);
    const closing = this.#open.toReversed().map((bracket) => (bracket === "{" ? "}" : "]"));
    return end === undefined ? undefined : end + closing.join("");
  }

  #completedValue(text: string): string | undefined {
    const withoutComma = () => text.trimEnd().replace(/,$/, "");
    if (this.#inString) {
      return text.slice(0, text.length - this.#escape.length) + (this.#stringIsKey ? '":null' : '"');
    }
    if (this.#word !== "") {
      const word = completedWord(this.#word);
      return word === undefined ? undefined : text.slice(0, text.length - this.#word.length) + word;
    }
    switch (this.#expects) {
      case "colon":
        return `${text}:null`;
      case "key":
        return withoutComma();
      case "value":
        return this.#open.at(-1) === "{" ? `${text}null` : withoutComma();
      default:
        return text;
    }
  }

  #takes(char: string): boolean {
    if (this.#inString) return this.#inside(char);
    const ends = " \t\n\r".includes(char) || ",]}".includes(char);
    if (this.#word !== "" && !ends) {
      this.#word += char;
      return true;
    }
    if (this.#word !== "" && !this.#endWord()) return false;
    return " \t\n\r".includes(char) || this.#token(char);
  }

  #inside(char: string): boolean {
    if (this.#escape !== "") {
      this.#escape += char;
      if (!/^\\(["\\/bfnrt]|u[\da-fA-F]{0,4})$/.test(this.#escape)) return false;
      if (this.#escape.startsWith("\\u") && this.#escape.length < 6) return true;
      this.#escape = "";
    } else if (char === "\\") {
      this.#escape = char;
      return true;
    } else if (char === '"') {
      this.#inString = false;
      this.#expects = this.#stringIsKey ? "colon" : "comma-or-end";
      return true;
    } else if (char < " ") return false;
    if (char !== " ") this.#sure();
    return true;
  }

  #endWord(): boolean {
    const isValue = NUMBER.test(this.#word) || WORDS.has(this.#word);
    this.#word = "";
    this.#expects = "comma-or-end";
    return isValue;
  }

  #token(char: string): boolean {
    switch (char) {
      case "{":
      case "[":
        if (!this.#takesValue()) return false;
        this.#open.push(char);
        this.#expects = char === "{" ? "key-or-end" : "value-or-end";
        return this.#sure();
      case "}":
      case "]":
        return this.#close(char);
      case '"':
        this.#stringIsKey = this.#expects === "key" || this.#expects === "key-or-end";
        if (!this.#stringIsKey && !this.#takesValue()) return false;
        this.#inString = true;
        return this.#sure();
      case ":":
        if (this.#expects !== "colon") return false;
        this.#expects = "value";
        return this.#sure();
      case ",":
        if (this.#expects !== "comma-or-end") return false;
        this.#expects = this.#open.at(-1) === "{" ? "key" : "value";
        return true;
      default:
        if (!this.#takesValue() || this.#open.length === 0) return false;
        this.#word = char;
        return true;
    }
  }

  #takesValue(): boolean {
    return this.#expects === "value" || this.#expects === "value-or-end";
  }

  #close(char: "}" | "]"): boolean {
    const empty = char === "}" ? "key-or-end" : "value-or-end";
    if (this.#expects !== "comma-or-end" && this.#expects !== empty) return false;
    if (this.#open.pop() !== (char === "}" ? "{" : "[")) return false;
    this.#expects = this.#open.length === 0 ? "nothing" : "comma-or-end";
    return this.#sure();
  }

  #sure(): true {
    this.certain = this.#at + 1;
    return true;
  }
}

function completedWord(word: string): string | undefined {
  const known = [...WORDS].find((one) => one.startsWith(word));
  if (known !== undefined || NUMBER.test(word)) return known ?? word;
  if (!HALF_NUMBER.test(word)) return undefined;
  return word.replace(/(\.|[eE][+-]?|-)$/, "") || "null";
}
