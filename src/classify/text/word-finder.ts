import { fold, foldings } from "./fold.ts";

/** Entries of the table of steps, 4 bytes each: what thousands of words of one script need. Rarer steps are looked up. */
const TABLE_ENTRIES = 1 << 22;
const MIN_SLOTS = 16;
/** So much of each word is looked for at first, and of so many beginnings at most. */
const PREFIX_CHARS = 4;
const MAX_PREFIXES = 1_000;

const NOTHING: ReadonlySet<number> = new Set();

/** What one look at a text, or at several, has found so far. */
export class Search {
  /** Groups of which a word was found. Made when there is one: most texts hold none. */
  found: ReadonlySet<number> = NOTHING;
  readonly #finder: WordFinder;

  constructor(finder: WordFinder) {
    this.#finder = finder;
  }

  /** All that can be found was found: the rest need not be looked at. */
  get isOver(): boolean {
    return this.found.size === this.#finder.groups;
  }

  look(text: string): void {
    if (this.isOver) return;
    const more = this.#finder.groupsIn(text);
    if (more) this.found = new Set([...this.found, ...more]);
  }
}

/**
 * Finds which groups of words a text holds a word of, in one pass for all words however many there are (Aho and Corasick's
 * automaton). Upper and lower case are the same, as for a regular expression with `iu`.
 */
export class WordFinder {
  /** Those that have words. */
  readonly groups: number;
  /** Code unit → its letter, upper and lower case the same; 0: in no word. */
  readonly #letters = new Uint16Array(0x1_0000);
  #letterCount = 1;
  /** Of characters of two code units that have two cases: the letter of the second unit. Empty nearly always. */
  readonly #pairs = new Map<string, number>();
  readonly #trie: Trie;
  /** Rows of `#stride` places, one for each of the states near the root, where nearly all time is spent. */
  readonly #table: Int32Array;
  readonly #rows: number;
  /** Even, so that the lowest bit of a place is free. */
  readonly #stride: number;
  /** How words begin: an expression passes over text without any of them many times as fast as the automaton. Absent: too many. */
  readonly #prefixes: RegExp | undefined;

  /** `groups`: words that are not empty. */
  constructor(groups: readonly (readonly string[])[], tableEntries = TABLE_ENTRIES) {
    this.groups = groups.filter((words) => words.length > 0).length;
    const folded = groups.map((words) => words.map(fold));
    this.#letter(folded.flat());
    const spelled = folded.map((words) => words.map((word) => this.#spell(word)));
    this.#trie = new Trie(spelled, this.#letterCount);
    this.#stride = this.#letterCount + (this.#letterCount % 2);
    this.#rows = Math.min(this.#trie.size, Math.max(1, Math.floor(tableEntries / this.#stride)));
    this.#table = this.#tableOf();
    this.#prefixes = prefixesOf(groups.flat());
  }

  /** Which of them a text holds a word of; undefined: none. */
  groupsIn(text: string): Set<number> | undefined {
    const start = this.#prefixes ? text.search(this.#prefixes) : 0;
    if (start === -1) return undefined;
    const found = new Set<number>();
    // A state that was come to before has nothing new to tell.
    let told: Uint8Array | undefined;
    this.#scan(text, start, (state) => {
      told ??= new Uint8Array(this.#trie.size);
      if (told[state] === 1) return;
      told[state] = 1;
      for (const group of this.#trie.groupsAt(state)) found.add(group);
    });
    return found.size === 0 ? undefined : found;
  }

  /** The inner loop of the classifier: one look-up of the letter and one of the step for each code unit. */
  #scan(text: string, start: number, tell: (state: number) => void): void {
    const letters = this.#letters;
    const table = this.#table;
    const hasPairs = this.#pairs.size > 0;
    let place = 0;
    for (let at = start; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      let letter = letters[unit] ?? 0;
      if (hasPairs && unit >= 0xdc00 && unit < 0xe000) letter = this.#pairs.get(text.slice(at - 1, at + 1)) ?? letter;
      place = place >= 0 ? (table[place + letter] ?? 0) : this.#step(~place, letter);
      // Neither the end of a word, nor outside the table.
      if ((place & 0x8000_0001) === 0) continue;
      const state = place < 0 ? ~place : (place - 1) / this.#stride;
      if (place >= 0) place--;
      if (this.#trie.ends[state] !== 0) tell(state);
    }
  }

  /** From a state that has no row. */
  #step(from: number, letter: number): number {
    let state = from;
    while (state >= this.#rows) {
      const next = this.#trie.child(state, letter);
      if (next !== 0) return this.#placeOf(next);
      state = this.#trie.fail(state);
    }
    return this.#table[state * this.#stride + letter] ?? 0;
  }

  /** A state as the table names it: where its row begins, odd where a word ends; one without a row by its complement. */
  #placeOf(state: number): number {
    return state < this.#rows ? state * this.#stride + (this.#trie.ends[state] ?? 0) : ~state;
  }

  /** The step of every letter from each of the first states, whether the tree has one or not. */
  #tableOf(): Int32Array {
    const table = new Int32Array(this.#rows * this.#stride);
    for (let state = 0; state < this.#rows; state++) {
      const row = state * this.#stride;
      const other = this.#trie.fail(state) * this.#stride;
      if (state > 0) table.copyWithin(row, other, other + this.#stride);
      for (const [letter, next] of this.#trie.children(state)) table[row + letter] = this.#placeOf(next);
    }
    return table;
  }

  /** Numbers the code units that are in words. */
  #letter(words: readonly string[]): void {
    for (const word of words) {
      for (let at = 0; at < word.length; at++) {
        const unit = word.charCodeAt(at);
        if (this.#letters[unit] === 0) this.#letters[unit] = this.#letterCount++;
      }
    }
    for (const [character, small] of foldings()) {
      const letter = this.#letters[small.charCodeAt(small.length - 1)] ?? 0;
      if (letter === 0) continue;
      if (character.length === 1) this.#letters[character.charCodeAt(0)] = letter;
      else this.#pairs.set(character, letter);
    }
  }

  #spell(word: string): number[] {
    return Array.from({ length: word.length }, (_, at) => this.#letters[word.charCodeAt(at)] ?? 0);
  }
}

/**
 * Only the first few characters of each: of those V8 makes a jump table, whose steps no text can make many. Whole words with long
 * beginnings in common took 200 times as long on a text that was made for it.
 */
function prefixesOf(words: readonly string[]): RegExp | undefined {
  const escaped = (word: string) =>
    [...word].slice(0, PREFIX_CHARS).map((character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  const prefixes = new Set(words.map((word) => escaped(word).join("")));
  return prefixes.size > MAX_PREFIXES ? undefined : new RegExp([...prefixes].join("|"), "iu");
}

/** All words as a tree of letters; states are numbered level by level, the root is 0. */
class Trie {
  readonly size: number;
  /** 1: a word ends at this state. */
  readonly ends: Uint8Array;
  readonly #letterCount: number;
  /** The state of the longest other beginning of a word that the text so far ends in. */
  readonly #fails: Uint32Array;
  readonly #groups = new Map<number, number[]>();
  /** Steps of the tree: open addressing by state and letter. */
  readonly #keys: Float64Array;
  readonly #nexts: Uint32Array;
  readonly #children: (readonly [number, number])[][] = [];

  constructor(groups: readonly (readonly (readonly number[])[])[], letterCount: number) {
    this.#letterCount = letterCount;
    const { edges, groupsOf } = levels(groups);
    this.size = edges.length + 1;
    this.ends = new Uint8Array(this.size);
    this.#fails = new Uint32Array(this.size);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(MIN_SLOTS, 2 * edges.length)));
    this.#keys = new Float64Array(slots).fill(-1);
    this.#nexts = new Uint32Array(slots);
    for (const [index, { from, letter }] of edges.entries()) this.#keep(from, letter, index + 1);
    for (const [index, { from, letter }] of edges.entries()) this.#link(index + 1, from, letter, groupsOf);
  }

  child(state: number, letter: number): number {
    return this.#nexts[this.#slot(state * this.#letterCount + letter)] ?? 0;
  }

  fail(state: number): number {
    return this.#fails[state] ?? 0;
  }

  /** Of all words that end here, of the long one and of those it ends in. */
  *groupsAt(state: number): Generator<number> {
    for (let at = state; at !== 0; at = this.fail(at)) yield* this.#groups.get(at) ?? [];
  }

  /** Letters and states of the steps from this one. */
  children(state: number): readonly (readonly [number, number])[] {
    return this.#children[state] ?? [];
  }

  /** Where a failed step goes on: a shorter word's state, which has a smaller number and is known already. */
  #link(state: number, from: number, letter: number, groupsOf: ReadonlyMap<number, number[]>): void {
    let fail = 0;
    for (let at = from; at !== 0 && fail === 0; ) {
      at = this.fail(at);
      fail = this.child(at, letter);
    }
    this.#fails[state] = fail;
    const own = groupsOf.get(state);
    if (own) this.#groups.set(state, own);
    this.ends[state] = own || this.ends[fail] === 1 ? 1 : 0;
  }

  #keep(state: number, letter: number, next: number): void {
    this.#children[state] ??= [];
    this.#children[state].push([letter, next]);
    const key = state * this.#letterCount + letter;
    const slot = this.#slot(key);
    this.#keys[slot] = key;
    this.#nexts[slot] = next;
  }

  /** The key's own, or the free one it would get. */
  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key % 0x1_0000_0000, 0x9e37_79b1) >>> 7) & mask;
    while (this.#keys[slot] !== -1 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }
}

interface Edge {
  from: number;
  letter: number;
}

interface Place {
  word: readonly number[];
  group: number;
}

/** Builds the tree level by level, so that edges are in the order of the states they come from. */
function levels(groups: readonly (readonly (readonly number[])[])[]) {
  const edges: Edge[] = [];
  const groupsOf = new Map<number, number[]>();
  let level = new Map<number, Place[]>([
    [0, groups.flatMap((words, group) => words.map((word): Place => ({ word, group })))],
  ]);
  for (let depth = 0; level.size > 0; depth++) {
    const next = new Map<number, Place[]>();
    for (const [from, places] of level) {
      for (const [letter, behind] of Map.groupBy(
        places.filter(({ word }) => word.length > depth),
        ({ word }) => word[depth] ?? 0,
      )) {
        const state = edges.push({ from, letter });
        next.set(state, behind);
        const ending = behind.filter(({ word }) => word.length === depth + 1).map(({ group }) => group);
        if (ending.length > 0) groupsOf.set(state, [...new Set(ending)]);
      }
    }
    level = next;
  }
  return { edges, groupsOf };
}
