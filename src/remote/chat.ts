import { asString, isObject, type Json, type JsonObject, objectsOf, tryParseJson } from "../core/json.ts";
import { tokenCount } from "../core/usage.ts";
import { LineDecoder } from "../wire/bytes/lines.ts";
import { RemoteError, type RemoteRouter } from "./remote-router.ts";

/** One streamed request in the words of OpenAI's chat completions. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
  /** With their settings. */
  readonly plugins?: readonly JsonObject[];
}

/** What comes back, piece by piece. */
export type ChatPiece =
  /** `id` is the exchange's in events and log. */
  | {
      readonly type: "head";
      readonly id: string | undefined;
      readonly provider: string | undefined;
      readonly model: string | undefined;
      readonly tags: readonly string[];
    }
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | { readonly type: "usage"; readonly inputTokens: number; readonly outputTokens: number }
  /** `length`: the answer was cut for want of room. */
  | { readonly type: "end"; readonly reason: string };

/** Asks a router as a client would. Throws `RemoteError` when it refuses, or when the stream ends with an error. */
export async function* streamChat(
  router: RemoteRouter,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatPiece> {
  const { plugins = [], ...rest } = request;
  const body = {
    ...rest,
    stream: true,
    stream_options: { include_usage: true },
    ...(plugins.length > 0 && { plugins }),
  };
  const response = await router.request("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "tui" },
    body: JSON.stringify(body),
    signal,
  });
  yield headOf(response.headers);
  const pieces: ChatPiece[] = [];
  const lines = new LineDecoder((line) => take(line, pieces));
  for await (const chunk of response.body ?? []) {
    lines.push(chunk);
    yield* pieces.splice(0);
  }
  lines.end();
  yield* pieces;
}

function headOf(headers: Headers): ChatPiece {
  const read = (name: string) => {
    const value = headers.get(name);
    return value === null ? undefined : unescaped(value);
  };
  const tags =
    headers
      .get("x-router-request-tags")
      ?.split(",")
      .map((tag) => unescaped(tag.trim())) ?? [];
  return {
    type: "head",
    id: read("x-router-id"),
    provider: read("x-router-provider"),
    model: read("x-router-model"),
    tags,
  };
}

/** Headers carry what is no visible ASCII percent-encoded. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that stands for itself.
    return text;
  }
}

function take(line: string, pieces: ChatPiece[]): void {
  if (!line.startsWith("data:")) return;
  const event = tryParseJson(line.slice(5));
  if (!isObject(event)) return;
  const error = event["error"];
  if (error !== undefined) throw new RemoteError("failed", messageOf(error));
  for (const choice of objectsOf(event["choices"])) takeChoice(choice, pieces);
  const usage = event["usage"];
  if (!isObject(usage)) return;
  const inputTokens = tokenCount(usage["prompt_tokens"]) ?? 0;
  pieces.push({ type: "usage", inputTokens, outputTokens: tokenCount(usage["completion_tokens"]) ?? 0 });
}

function takeChoice(choice: JsonObject, pieces: ChatPiece[]): void {
  const delta = isObject(choice["delta"]) ? choice["delta"] : {};
  const reasoning = asString(delta["reasoning_content"]) ?? asString(delta["reasoning"]);
  if (reasoning) pieces.push({ type: "reasoning", text: reasoning });
  const text = asString(delta["content"]) ?? asString(delta["refusal"]);
  if (text) pieces.push({ type: "text", text });
  const reason = asString(choice["finish_reason"]);
  if (reason) pieces.push({ type: "end", reason });
}

function messageOf(error: Json): string {
  return (isObject(error) ? asString(error["message"]) : asString(error)) ?? "the answer ended with an error";
}
