import { type JsonObject, objectsOf } from "../../../src/core/json.ts";
import {
  type Answer,
  type AnswerContext,
  data,
  type Frames,
  finishOf,
  pieces,
  type ScriptedError,
  tokensOf,
  type UpstreamDialect,
  usageOf,
} from "./answer.ts";

const FINISH = { stop: "STOP", stop_sequence: "STOP", length: "MAX_TOKENS", tool_calls: "STOP", refusal: "SAFETY" };
const STATUS: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};
const PATH = /^\/models\/([^/:]+):(\w+)$/;

/** Gemini's generateContent. */
export const gemini: UpstreamDialect = {
  format: "gemini",
  base: "/v1beta",
  streamType: "text/event-stream",
  chat: "/models/model-of-gemini:generateContent",
  asks(path) {
    const [, model, method] = PATH.exec(path) ?? [];
    if (model === undefined || !/^(generate|streamGenerate)Content$/.test(method ?? "")) return undefined;
    return { model: decodeURIComponent(model), stream: method === "streamGenerateContent" };
  },
  wantsStream: () => false,
  whole,
  frames,
  error: geminiError,
  errorFrame: (message) => data({ error: { code: 503, message, status: "UNAVAILABLE" } }),
  // The API sends no comments; chunks that say nothing are what it has.
  noise: data({ candidates: [{ content: { parts: [{ text: "" }], role: "model" }, index: 0 }] }),
  other,
};

function geminiError({ status, message, type }: ScriptedError): JsonObject {
  return { error: { code: status, message, status: type ?? STATUS[status] ?? "UNKNOWN" } };
}

function usageMetadata(answer: Answer): JsonObject {
  const usage = usageOf(answer);
  return {
    promptTokenCount: usage.input,
    ...(usage.cachedRead > 0 && { cachedContentTokenCount: usage.cachedRead }),
    candidatesTokenCount: usage.output - usage.reasoning,
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: usage.input + usage.output,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: usage.input }],
  };
}

function chunk(answer: Answer, context: AnswerContext, parts: JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    usageMetadata: usageMetadata(answer),
    modelVersion: context.model,
    responseId: `resp_${context.serial}`,
  };
}

/** The first call carries the signature of the thoughts; without a call the text does. */
function calls(answer: Answer): JsonObject[] {
  const thoughtSignature = answer.thinking?.state;
  return (answer.toolCalls ?? []).map(({ id, name, args }, index) => ({
    functionCall: { id, name, ...(args !== "" && { args: JSON.parse(args) }) },
    ...(index === 0 && thoughtSignature !== undefined && { thoughtSignature }),
  }));
}

/** Gemini has other words for them, and none for their bytes. */
function logprobs(tokens: JsonObject[]): JsonObject {
  if (tokens.length === 0) return {};
  const choice = ({ token, logprob }: JsonObject) => ({ token, tokenId: 7, logProbability: logprob });
  return {
    logprobsResult: {
      topCandidates: tokens.map((token) => ({ candidates: objectsOf(token["top_logprobs"]).map(choice) })),
      chosenCandidates: tokens.map(choice),
    },
  };
}

function ending(answer: Answer): JsonObject {
  const { citations = [], text = "" } = answer;
  const finish = { finishReason: FINISH[finishOf(answer)] };
  if (citations.length === 0) return finish;
  const byteAt = (index: number) => Buffer.byteLength(text.slice(0, index));
  return {
    ...finish,
    groundingMetadata: {
      webSearchQueries: ["scripted"],
      groundingChunks: citations.map(({ url, title }) => ({ web: { uri: url, title } })),
      groundingSupports: citations.map(({ cited }, index) => {
        const at = text.indexOf(cited);
        const segment = { startIndex: byteAt(at), endIndex: byteAt(at + cited.length), text: cited };
        return { segment, groundingChunkIndices: [index] };
      }),
    },
  };
}

function whole(answer: Answer, context: AnswerContext): JsonObject {
  const parts: JsonObject[] = [];
  if (answer.thinking) parts.push({ text: answer.thinking.text, thought: true });
  const text = answer.text ?? answer.refusal;
  const thoughtSignature = answer.toolCalls ? undefined : answer.thinking?.state;
  if (text !== undefined) parts.push({ text, ...(thoughtSignature !== undefined && { thoughtSignature }) });
  return chunk(answer, context, [...parts, ...calls(answer)], { ...ending(answer), ...logprobs(tokensOf(answer)) });
}

function frames(answer: Answer, context: AnswerContext): Frames {
  const frame = (parts: JsonObject[], more?: JsonObject) => data(chunk(answer, context, parts, more));
  const content = pieces(answer.thinking?.text ?? "").map((text) => frame([{ text, thought: true }]));
  pieces(answer.text ?? answer.refusal ?? "").forEach((text, at) => {
    content.push(frame([{ text }], logprobs(tokensOf(answer).slice(at, at + 1))));
  });
  for (const call of calls(answer)) content.push(frame([call]));
  const thoughtSignature = answer.toolCalls ? undefined : answer.thinking?.state;
  if (thoughtSignature !== undefined) content.push(frame([{ text: "", thoughtSignature }]));
  return { content, closing: [frame([{ text: "" }], ending(answer))] };
}

function other(method: string, path: string, body: JsonObject): JsonObject | undefined {
  if (method === "GET" && path === "/models") {
    const entry = (name: string, supportedGenerationMethods: string[]) => ({
      name: `models/${name}`,
      displayName: name,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods,
      thinking: true,
    });
    return { models: ["listed-gemini", "other-gemini"].map((name) => entry(name, ["generateContent", "countTokens"])) };
  }
  switch (method === "POST" ? PATH.exec(path)?.[2] : undefined) {
    case "countTokens":
      return { totalTokens: 42 };
    case "embedContent":
      return { embedding: { values: [0.5, 0] } };
    case "batchEmbedContents": {
      const requests = Array.isArray(body["requests"]) ? body["requests"] : [];
      return { embeddings: requests.map((_, index) => ({ values: [0.5, index] })) };
    }
    default:
      return undefined;
  }
}
