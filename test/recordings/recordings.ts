import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  asArray,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
  tryParseJson,
} from "../../src/core/json.ts";
import { readExchange } from "./vcr.ts";

/** The APIs there are recordings of. */
export type RecordedFormat =
  | "openai"
  | "openai-completions"
  | "openai-responses"
  | "anthropic"
  | "gemini"
  | "embeddings";

/** One real answer of a provider: the bytes it sent, and what they parse to. */
export interface Recording {
  name: string;
  format: RecordedFormat;
  stream: boolean;
  status: number;
  bytes: Buffer;
  /** The body, or the data of each event. */
  values: JsonObject[];
  /** What was asked, where that was recorded too. */
  request?: JsonObject;
}

/** Beside the checkout; `RECORDINGS` names another place. */
const FOLDER = process.env["RECORDINGS"] ?? fileURLToPath(new URL("../../../shared/recordings", import.meta.url));

/** Files that hold no answer a client of ours could ask for, and why. */
const LEFT_OUT: [RegExp, string][] = [
  [/transcription|audio-translation/, "the router has no transcriptions"],
  [/image-generation-basic/, "the router has no images endpoint"],
  [/parallel-tool-call-wrapper.1.chunks/, "its first line is not JSON"],
];

/** All recordings, or undefined when the folder is not there. Throws when a file is neither read nor among those left out. */
export function allRecordings(): Recording[] | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const files = globSync(["ai-sdk/**/*.{json,txt,sse}", "envoy/*.yaml"], { cwd: FOLDER }).sort();
  return files.filter((file) => !LEFT_OUT.some(([name]) => name.test(file))).flatMap(readFile);
}

function readFile(file: string): Recording[] {
  const text = readFileSync(join(FOLDER, file), "utf8");
  if (file.endsWith(".yaml")) return readVcr(file, text);
  if (file.endsWith(".json")) return [readWhole(file, text)];
  if (file.endsWith(".sse")) return [streamOf(file, eventData(text))];
  const values = text.split("\n").filter((line) => line !== "");
  return answersOf(values.map((line) => parsed(file, line))).map((part, at, parts) =>
    streamOf(parts.length === 1 ? file : `${file} (${at + 1})`, part),
  );
}

function parsed(file: string, text: string): JsonObject {
  const value = tryParseJson(text);
  if (!isObject(value)) throw new Error(`${file}: not a JSON object: ${text.slice(0, 100)}`);
  return value;
}

/** Some files hold the answers of several steps, one after the other. */
function answersOf(values: JsonObject[]): JsonObject[][] {
  const answers: JsonObject[][] = [];
  let closed = true;
  for (const value of values) {
    if (closed && /^(message_start|response\.created)$/.test(asString(value["type"]) ?? "")) answers.push([]);
    if (answers.length === 0) answers.push([]);
    answers.at(-1)?.push(value);
    closed = /^(message_stop|response\.(completed|failed|incomplete))$/.test(asString(value["type"]) ?? "");
  }
  return answers.filter((answer) => !isEcho(answer));
}

/** A step told again as a whole: no answer of the API begins with its content. */
function isEcho(answer: JsonObject[]): boolean {
  return (asArray(asObject(answer[0]?.["message"])?.["content"]) ?? []).length > 0;
}

function formatOf(value: JsonObject): RecordedFormat | undefined {
  const type = asString(value["type"]) ?? "";
  if (type.startsWith("response.") || Array.isArray(value["output"])) return "openai-responses";
  if (type.startsWith("message")) return "anthropic";
  if (value["candidates"] !== undefined) return "gemini";
  if (value["choices"] !== undefined) return value["object"] === "text_completion" ? "openai-completions" : "openai";
  return undefined;
}

function readWhole(file: string, text: string): Recording {
  const value = parsed(file, text);
  const error = asObject(value["error"]);
  const format = formatOf(value) ?? (error ? formatOfFolder(file) : undefined);
  if (!format) throw new Error(`${file}: of no format`);
  const status = error ? statusOf(error) : 200;
  return { name: file, format, stream: false, status, bytes: Buffer.from(text), values: [value] };
}

function formatOfFolder(file: string): RecordedFormat {
  if (file.includes("google/")) return "gemini";
  return file.includes("responses/") ? "openai-responses" : "openai";
}

/** The recordings of errors hold the body alone. */
function statusOf(error: JsonObject): number {
  return error["code"] === 429 || error["code"] === "insufficient_quota" ? 429 : 400;
}

function streamOf(name: string, values: JsonObject[]): Recording {
  const format = formatOf(values[0] ?? {});
  if (!format) throw new Error(`${name}: of no format`);
  const isNamed = format === "anthropic" || format === "openai-responses";
  const frames = values.map((value) => {
    const data = `data: ${JSON.stringify(value)}\n\n`;
    return isNamed ? `event: ${asString(value["type"])}\n${data}` : data;
  });
  if (format === "openai" || format === "openai-completions") frames.push("data: [DONE]\n\n");
  return { name, format, stream: true, status: 200, bytes: Buffer.from(frames.join("")), values };
}

function eventData(text: string): JsonObject[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => parsed("an event", line.slice(6)));
}

const ENDPOINTS: Record<string, RecordedFormat> = {
  "chat/completions": "openai",
  completions: "openai-completions",
  embeddings: "embeddings",
};

function readVcr(name: string, text: string): Recording[] {
  const { url, request, status, body } = readExchange(text);
  const format = ENDPOINTS[/\/(chat\/completions|completions|embeddings)(?:\?|$)/.exec(url)?.[1] ?? ""];
  if (!format) throw new Error(`${name}: no endpoint of ours: ${url}`);
  const value: Json | undefined = tryParseJson(body);
  const stream = !isObject(value);
  const values = isObject(value) ? [value] : eventData(body);
  return [{ name, format, stream, status, bytes: Buffer.from(body), values, request: parsed(name, request) }];
}
