import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isObject, type Json, objectsOf } from "../json.ts";
import type { Part } from "../part.ts";
import { type ChatRequest, emptyRequest, type FunctionTool, type Message } from "../request.ts";
import { estimateTextTokens, estimateTokens } from "./estimate.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "test", "support", "agent-texts");
const textOf = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

/** What agents fill their context with, and its tokens as counted by OpenAI's o200k. */
const COUNTED = {
  "chinese.txt": 203,
  "code.txt": 1415,
  "csv.txt": 1832,
  "diff.txt": 1896,
  "grep.txt": 2018,
  "html.txt": 1483,
  "json-dense.txt": 2406,
  "json-pretty.txt": 1542,
  "listing.txt": 1523,
  "lock.txt": 794,
  "log.txt": 3245,
  "minified.txt": 1648,
  "plain-code.txt": 1027,
  "prose.txt": 1858,
  "russian.txt": 109,
} as const;
type TextFile = keyof typeof COUNTED;
/** Its tools, one by one, as JSON text. */
const TOOLS_COUNTED = 3816;

const CALL = { id: "toolu_01", name: "Read", arguments: '{"file_path":"/home/dev/app/src/main.ts","offset":120}' };
/** The words of the call, and what a message and a result have around them. */
const STEP_COUNTED = 24 + 2 * 4 + 2 * 8;

function tools(): FunctionTool[] {
  const declared: Json = JSON.parse(textOf("tools.json"));
  return objectsOf(declared).map(({ name, description, input_schema }) => ({
    kind: "function",
    name: String(name),
    description: String(description),
    ...(isObject(input_schema) && { parameters: input_schema }),
  }));
}

/** One step of a tool loop: the call, and this as its result. */
function step(...parts: Part[]): Message[] {
  return [
    { role: "assistant", parts: [{ type: "tool-call", kind: "function", ...CALL }] },
    { role: "tool", parts: [{ type: "tool-result", callId: CALL.id, parts, isError: false }] },
  ];
}

function text(file: TextFile): Part {
  return { type: "text", text: textOf(file) };
}

function png(width: number, height: number): Part {
  const head = Buffer.alloc(40);
  head.write("\x89PNG", "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return { type: "image", source: { kind: "base64", mediaType: "image/png", data: head.toString("base64") } };
}

function agent(messages: Message[]): ChatRequest {
  return { ...emptyRequest("anthropic", "m"), system: [text("prose.txt")], tools: tools(), messages };
}

/** The system prompt and the tools. */
const AGENT_COUNTED = COUNTED["prose.txt"] + TOOLS_COUNTED;
const CODE: TextFile[] = ["code.txt", "diff.txt", "grep.txt", "plain-code.txt"];
const DATA: TextFile[] = ["json-dense.txt", "json-pretty.txt", "log.txt", "csv.txt", "listing.txt"];

function sum(files: readonly TextFile[]): number {
  return files.reduce((tokens, file) => tokens + COUNTED[file] + STEP_COUNTED, 0);
}

/** Requests as agents make them, with their count. */
const REQUESTS: [name: string, counted: number, request: ChatRequest][] = [
  ["system and 20 tools", AGENT_COUNTED, agent([])],
  ["a loop over code", AGENT_COUNTED + sum(CODE), agent(CODE.flatMap((file) => step(text(file))))],
  ["a loop over data", AGENT_COUNTED + sum(DATA), agent(DATA.flatMap((file) => step(text(file))))],
  [
    "forty steps",
    AGENT_COUNTED + 10 * sum(CODE),
    agent(Array.from({ length: 10 }, () => CODE.flatMap((file) => step(text(file)))).flat()),
  ],
  // By Anthropic's formula, which is also the guess: 1,568 × 882 / 750, cut off at 1,600.
  ["screenshots", AGENT_COUNTED + 3 * (1600 + STEP_COUNTED), agent([1, 2, 3].flatMap(() => step(png(1920, 1080))))],
];

function check(name: string, estimate: number, counted: number): string {
  const percent = (estimate / counted - 1) * 100;
  const row = `${name}: ${estimate} for ${counted}, ${percent.toFixed(1)} %`;
  assert.ok(percent >= -15 && percent <= 35, row);
  return row;
}

test("what agents read and write is never under by 15 % or over by 35 %", (context) => {
  for (const file of CODE.concat(DATA, [
    "chinese.txt",
    "html.txt",
    "lock.txt",
    "minified.txt",
    "prose.txt",
    "russian.txt",
  ])) {
    context.diagnostic(check(file, estimateTextTokens(textOf(file)), COUNTED[file]));
  }
});

test("neither are whole requests, for any provider", (context) => {
  for (const [name, counted, request] of REQUESTS) {
    context.diagnostic(check(name, estimateTokens(request), counted));
    if (name === "screenshots") continue;
    for (const target of ["openai", "anthropic", "ollama"] as const)
      context.diagnostic(check(`${name}, ${target}`, estimateTokens(request, target), counted));
  }
});

test("pictures cost what the provider asks for them", () => {
  const added = (target: "openai" | "anthropic" | "gemini") =>
    estimateTokens(agent(step(png(1920, 1080))), target) - estimateTokens(agent(step()), target);
  assert.deepEqual([added("anthropic"), added("openai"), added("gemini")], [1600, 85 + 6 * 170, 6 * 258]);
});
