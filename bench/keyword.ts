import { loadavg } from "node:os";
import { keyword } from "../src/classify/request/keyword.ts";
import { systemClock } from "../src/core/clock.ts";
import { type ChatRequest, emptyRequest } from "../src/core/request.ts";
import { contextOf } from "../test/support/classify.ts";
import { seeded } from "../test/support/log-records.ts";

// How long the `keyword` classifier takes for a prompt, beside one regular expression for each tag. `npm run bench:keyword`;
// docs/classifiers.md has the figures.

const ROUNDS = 300;
const TAGS = 20;

type Classify = (request: ChatRequest) => Iterable<string>;

interface Case {
  name: string;
  words: string[];
  request: ChatRequest;
}

function vocabulary(random: () => number, count: number): string[] {
  const letter = () => String.fromCharCode(97 + Math.floor(random() ** 2 * 26));
  const word = () => Array.from({ length: 4 + Math.floor(random() * 8) }, letter).join("");
  return Array.from({ length: count }, word);
}

function prompt(random: () => number, bytes: number, messages: number): ChatRequest {
  const known = vocabulary(random, 3000);
  const text = () => {
    let said = "";
    while (said.length < bytes / messages) said += `${known[Math.floor(random() * known.length)] ?? ""} `;
    return said;
  };
  const all = Array.from({ length: messages }, () => ({
    role: "user" as const,
    parts: [{ type: "text" as const, text: text() }],
  }));
  // As a body that was parsed has them: texts in one piece.
  return { ...emptyRequest("openai", "m"), messages: JSON.parse(JSON.stringify(all)) };
}

/** Words that no prompt holds, so that all of it has to be read. */
function unheard(random: () => number, count: number): string[] {
  return vocabulary(random, count).map((word) => `${word}_`);
}

function byTag(words: readonly string[]): Record<string, string[]> {
  const tags = Math.min(TAGS, words.length);
  return Object.fromEntries(
    Array.from({ length: tags }, (_, tag) => [`tag-${tag}`, words.filter((_word, index) => index % tags === tag)]),
  );
}

function automaton(words: readonly string[]): Classify {
  const classifier = keyword.build({ tags: byTag(words) }, { log: () => undefined, clock: systemClock, env: {} });
  return (request) => {
    const tags = classifier.classify(request, contextOf());
    if (tags instanceof Promise) throw new Error("it has nothing to wait for");
    return tags;
  };
}

function expressions(words: readonly string[]): Classify {
  const all = Object.entries(byTag(words)).map(([tag, own]) => [tag, new RegExp(own.join("|"), "iu")] as const);
  return ({ messages }) =>
    all.flatMap(([tag, any]) =>
      messages.some(({ parts }) => parts.some((part) => part.type === "text" && any.test(part.text))) ? [tag] : [],
    );
}

function measure({ name, words, request }: Case): Record<string, string | number> {
  const startedMs = performance.now();
  const own = automaton(words);
  const builtMs = performance.now() - startedMs;
  const ways: [string, Classify, number][] = [
    ["automaton", own, ROUNDS],
    ["expressions", expressions(words), words.length > 100 ? 5 : ROUNDS],
  ];
  const times = new Map<string, number[]>(ways.map(([way]) => [way, []]));
  // Turn by turn, so that whatever else the machine does meets both.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, classify, rounds] of ways) {
      if (round >= rounds) continue;
      const beganMs = performance.now();
      if ([...classify(request)].length > 0) throw new Error("a word was found that is in no prompt");
      times.get(way)?.push(performance.now() - beganMs);
    }
  }
  const at = (way: string, share: number) => {
    const sorted = (times.get(way) ?? []).toSorted((one, other) => one - other);
    return Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3));
  };
  return {
    case: name,
    "p50 ms": at("automaton", 0.5),
    "p99 ms": at("automaton", 0.99),
    "expressions p50 ms": at("expressions", 0.5),
    "built in ms": Number(builtMs.toFixed(0)),
  };
}

const random = seeded(7);
const KB = 1024;
const cases: Case[] = [
  { name: "3 words, 60 KB", words: unheard(random, 3), request: prompt(random, 60 * KB, 1) },
  { name: "1,000 words, 60 KB", words: unheard(random, 1000), request: prompt(random, 60 * KB, 1) },
  { name: "1,000 words, 60 KB in 400 messages", words: unheard(random, 1000), request: prompt(random, 60 * KB, 400) },
  { name: "1,000 words, 1 MB", words: unheard(random, 1000), request: prompt(random, KB * KB, 1) },
  { name: "20,000 words, 60 KB", words: unheard(random, 20_000), request: prompt(random, 60 * KB, 1) },
];
process.stdout.write(`node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${ROUNDS} rounds\n`);
console.table(cases.map(measure));
