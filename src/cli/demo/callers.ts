import type { Dialect } from "../../core/part.ts";
import type { ChatRequest, FunctionTool, OutputShape } from "../../core/request.ts";
import { CODING } from "../../upstream/simulated/examples/coding.ts";
import { EVERYDAY } from "../../upstream/simulated/examples/everyday.ts";
import type { Conversation } from "../../upstream/simulated/examples/example.ts";
import { OFFICE } from "../../upstream/simulated/examples/office.ts";

/** A program that asks the demo's router, as the real one of that name does. */
export interface Caller {
  readonly dialect: Dialect;
  readonly userAgent: string;
  /** By which it names its conversation; absent: it does not. */
  readonly sessionHeader?: string;
  readonly model: string;
  /** Among the others: how often it comes. */
  readonly weight: number;
  readonly conversations: readonly Conversation[];
  readonly system?: string;
  /** What all its requests say besides. */
  readonly settings: Partial<ChatRequest>;
  /** It sends a picture with its prompts. */
  readonly picture?: true;
}

const AGENT_SYSTEM =
  "You are a coding agent in the user's terminal. Read before you change anything, keep changes small, run the tests, and say what you did in a few sentences.";

const AGENT_TOOLS: FunctionTool[] = [
  tool("read_file", "The text of a file of the project.", ["path"]),
  tool("search_files", "Lines of the project's files that match a pattern.", ["pattern", "path"]),
  tool("run_command", "Runs a command in the project's folder.", ["command"]),
];

const ASSISTANT_TOOLS: FunctionTool[] = [
  tool("get_weather", "The weather in a city on a day.", ["city", "day"]),
  tool("next_departures", "The next trains between two stations.", ["from", "to"]),
];

const COMPLAINT: OutputShape = {
  kind: "json_schema",
  name: "complaint",
  strict: true,
  schema: {
    type: "object",
    properties: {
      product: { type: "string" },
      urgency: { enum: ["low", "medium", "high"] },
      mood: { type: "string" },
    },
    required: ["product", "urgency", "mood"],
    additionalProperties: false,
  },
};

/** In the order in which they first come. */
export const CALLERS: readonly Caller[] = [
  {
    dialect: "anthropic",
    userAgent: "claude-cli/2.1.14 (external, cli)",
    sessionHeader: "x-claude-code-session-id",
    model: "claude-sonnet-4-5",
    weight: 4,
    conversations: CODING.agent,
    system: AGENT_SYSTEM,
    settings: {
      stream: true,
      tools: AGENT_TOOLS,
      maxOutputTokens: 16_000,
      reasoning: { budgetTokens: 4096, mode: "on" },
    },
  },
  {
    dialect: "ollama",
    userAgent: "open-webui/0.6.36",
    model: "auto",
    weight: 6,
    conversations: [...EVERYDAY.chat, ...OFFICE.writing],
    settings: { stream: true, sampling: { temperature: 0.7 } },
  },
  {
    dialect: "openai",
    userAgent: "OpenAI/Python 2.8.1",
    model: "auto",
    weight: 4,
    conversations: CODING.questions,
    // Claude has neither: they are lost there, and the router says so.
    settings: { sampling: { seed: 11, frequencyPenalty: 0.3 } },
  },
  {
    dialect: "anthropic",
    userAgent: "Anthropic/JS 0.70.1",
    sessionHeader: "x-session-id",
    model: "auto",
    weight: 3,
    conversations: OFFICE.confidential,
    settings: { stream: true, maxOutputTokens: 1024 },
  },
  {
    dialect: "openai-responses",
    userAgent: "codex_cli_rs/0.60.1 (Debian 13; x86_64) xterm-256color",
    sessionHeader: "session_id",
    model: "gpt-5.5",
    weight: 2,
    conversations: CODING.agent,
    system: AGENT_SYSTEM,
    settings: { stream: true, tools: AGENT_TOOLS, reasoning: { effort: "medium" } },
  },
  {
    dialect: "gemini",
    userAgent: "google-genai-sdk/1.30.0 gl-node/v24",
    model: "auto",
    weight: 2,
    conversations: EVERYDAY.tools,
    settings: { stream: true, tools: ASSISTANT_TOOLS },
  },
  {
    dialect: "openai",
    userAgent: "node",
    model: "auto",
    weight: 3,
    conversations: OFFICE.forms,
    system: "You sort complaints.",
    settings: { output: COMPLAINT },
  },
  {
    dialect: "openai",
    userAgent: "opencode/1.0.134",
    sessionHeader: "x-session-id",
    model: "auto",
    weight: 1,
    conversations: CODING.agent,
    system: AGENT_SYSTEM,
    settings: { stream: true, tools: AGENT_TOOLS, includeUsage: true },
  },
  {
    dialect: "ollama",
    userAgent: "ollama-python/0.6.1 (x86_64 linux) Python/3.13.5",
    model: "auto",
    weight: 1,
    conversations: EVERYDAY.pictures,
    picture: true,
    settings: { stream: false },
  },
  {
    dialect: "openai",
    userAgent: "open-webui/0.6.36",
    model: "auto",
    weight: 3,
    conversations: EVERYDAY.long,
    settings: { stream: true, includeUsage: true },
  },
  {
    dialect: "openai",
    userAgent: "curl/8.14.1",
    model: "auto",
    weight: 2,
    conversations: EVERYDAY.long,
    // Too little for these: the answer is cut, and tagged so.
    settings: { maxOutputTokens: 60 },
  },
];

function tool(name: string, description: string, keys: readonly string[]): FunctionTool {
  const properties = Object.fromEntries(keys.map((key) => [key, { type: "string" }]));
  return { kind: "function", name, description, parameters: { type: "object", properties, required: [...keys] } };
}
