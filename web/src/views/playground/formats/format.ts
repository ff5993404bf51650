export type JsonObject = Record<string, unknown>;

export const THINKING = ["low", "medium", "high"] as const;
export type Thinking = (typeof THINKING)[number];

/** What the router is asked, in no API's words. */
export interface Prompt {
  model: string;
  /** Empty: none. */
  system: string;
  turns: readonly Turn[];
  temperature: number | undefined;
  maxTokens: number | undefined;
  /** Undefined: nothing is said of it. */
  thinking: Thinking | undefined;
  tools: readonly Tool[];
  /** The router's plugins, each with settings of its own. */
  plugins: readonly { id: string }[];
}

export type Turn =
  | { role: "user"; text: string }
  | { role: "assistant"; blocks: readonly Block[] }
  | { role: "tool"; results: readonly ToolResult[] };

export interface Tool {
  name: string;
  description: string;
  /** JSON Schema of its arguments. */
  parameters: JsonObject;
}

export interface ToolResult {
  id: string;
  name: string;
  text: string;
}

/** A piece of an answer, in the order in which it was said. */
export type Block =
  | { type: "text"; text: string }
  /** `state`: the provider's signature, which has to go back with it. */
  | { type: "reasoning"; text: string; state?: string }
  | Call;

export interface Call {
  type: "call";
  /** What the stream calls it. */
  key: string;
  id: string;
  name: string;
  /** JSON, as far as it has come. */
  arguments: string;
  state?: string;
}

/** What one frame of a stream says. */
export type Said =
  | { type: "text" | "reasoning"; text: string }
  | { type: "reasoning-state"; state: string }
  | { type: "call"; key: string; id: string; name: string; state?: string }
  | { type: "arguments"; key: string; text: string }
  | { type: "usage"; input?: number; output?: number }
  /** In the API's own word. */
  | { type: "finish"; reason: string }
  | { type: "error"; message: string };

/** One of the APIs clients speak. */
export interface ClientFormat {
  name: string;
  label: string;
  /** How the frames of its streams are cut. */
  framing: "sse" | "lines";
  /** Where a streamed request for a model goes. */
  path(model: string): string;
  /** A streamed request. */
  body(prompt: Prompt): JsonObject;
  /** What one frame says: the JSON of it. */
  read(frame: unknown): Said[];
}
