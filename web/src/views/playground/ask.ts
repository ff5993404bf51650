import type { ClientFormat, Said } from "./formats/format.ts";
import { FrameReader } from "./formats/frames.ts";
import { textAt, tryParse } from "./formats/json.ts";

export interface Asked {
  path: string;
  /** JSON. */
  body: string;
}

/** What the head of an answer tells of its way. */
export interface Head {
  status: number;
  /** The exchange's id in events and log; undefined when something else than the router answered. */
  exchange: string | undefined;
  provider: string | undefined;
  model: string | undefined;
  /** `field=what was done`. */
  losses: readonly string[];
}

/** The router answered with an error. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly status: number;
  /** The whole body. */
  readonly body: string;

  constructor(status: number, message: string, body: string) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export interface Ear {
  onHead(head: Head): void;
  onSaid(said: readonly Said[]): void;
}

export type Post = (asked: Asked, signal: AbortSignal) => Promise<Response>;

/** Sends one streamed request and tells what comes back, to its end. Rejects with AnswerError, or as `post` does. */
export async function ask(
  post: Post,
  format: ClientFormat,
  asked: Asked,
  ear: Ear,
  signal: AbortSignal,
): Promise<void> {
  const response = await post(asked, signal);
  ear.onHead(headOf(response));
  if (!response.ok || !response.body) throw await errorOf(response);
  const frames = new FrameReader(format.framing);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    const read = done ? frames.end() : frames.feed(decoder.decode(value, { stream: true }));
    const said = read.flatMap((frame) => format.read(frame));
    if (said.length > 0) ear.onSaid(said);
    if (done) return;
  }
}

function headOf({ status, headers }: Response): Head {
  const header = (name: string) => unescaped(headers.get(name));
  return {
    status,
    exchange: header("x-router-id"),
    provider: header("x-router-provider"),
    model: header("x-router-model"),
    losses: header("x-router-losses")?.split(", ") ?? [],
  };
}

/** Headers carry what is no visible ASCII percent-encoded. */
function unescaped(text: string | null): string | undefined {
  if (text === null) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that stands for itself.
    return text;
  }
}

async function errorOf(response: Response): Promise<AnswerError> {
  const body = await response.text();
  const parsed = tryParse(body);
  const said = textAt(parsed, "error", "message") ?? textAt(parsed, "error");
  return new AnswerError(response.status, said ?? `the router answered ${response.status} without saying why`, body);
}
