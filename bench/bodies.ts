import type { ClientFormat } from "../test/support/clients/heard.ts";

/** Request and answer bodies of the sizes that matter: a small chat (2 KB), a coding agent's turn (60 KB). */
const SENTENCE = "The quick brown fox jumps over the lazy dog, and the router adds as little as it can. ";

function prose(bytes: number): string {
  return SENTENCE.repeat(Math.ceil(bytes / SENTENCE.length)).slice(0, bytes);
}

function tools(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "function",
    function: {
      name: `tool_${index}`,
      description: prose(600),
      parameters: { type: "object", properties: { path: { type: "string" }, count: { type: "integer" } } },
    },
  }));
}

/** An OpenAI Chat request of about `bytes`. */
export function openaiBody(bytes: number, stream: boolean): string {
  const many = bytes > 10_000;
  const body = {
    model: "bench-model",
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
    messages: [
      { role: "system", content: prose(many ? 12_000 : 400) },
      ...(many ? turns(24, Math.floor((bytes - 28_000) / 24)) : []),
      { role: "user", content: prose(many ? 500 : bytes - 600) },
    ],
    ...(many && { tools: tools(18) }),
  };
  return JSON.stringify(body);
}

/** The same for Anthropic Messages. */
export function anthropicBody(bytes: number, stream: boolean): string {
  const many = bytes > 10_000;
  return JSON.stringify({
    model: "bench-model",
    max_tokens: 1024,
    ...(stream && { stream: true }),
    system: prose(many ? 12_000 : 400),
    messages: [
      ...(many ? turns(24, Math.floor((bytes - 28_000) / 24)) : []),
      { role: "user", content: prose(many ? 500 : bytes - 600) },
    ],
    ...(many && {
      tools: Array.from({ length: 18 }, (_, index) => ({
        name: `tool_${index}`,
        description: prose(600),
        input_schema: { type: "object", properties: { path: { type: "string" }, count: { type: "integer" } } },
      })),
    }),
  });
}

/** A conversation of so many messages of `bytes` each, user and assistant by turns; the answer is whole. */
export function conversationBody(messages: number, bytes: number, api: "openai" | "anthropic"): string {
  return JSON.stringify({
    model: "bench-model",
    ...(api === "anthropic" && { max_tokens: 1024 }),
    messages: turns(messages, bytes),
  });
}

function turns(count: number, bytes: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: prose(bytes),
  }));
}

/** The text of a whole answer. */
export const ANSWER = prose(400);

/** What the upstream answers, whole: 700 bytes. */
export const WHOLE_ANSWER = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench-model",
  choices: [{ index: 0, message: { role: "assistant", content: ANSWER }, finish_reason: "stop", logprobs: null }],
  usage: { prompt_tokens: 500, completion_tokens: 100, total_tokens: 600 },
});

export const CHUNKS = 200;

function chunk(delta: object, finish: string | null, usage?: object): string {
  return `data: ${JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "bench-model",
    choices: usage ? [] : [{ index: 0, delta, finish_reason: finish, logprobs: null }],
    ...(usage && { usage }),
  })}\n\n`;
}

/** The pieces of a streamed answer: a role, 200 words, the finish, usage, the end. */
export const STREAM_PIECES: readonly string[] = [
  chunk({ role: "assistant", content: "" }, null),
  ...Array.from({ length: CHUNKS }, (_, index) => chunk({ content: `word${index} ` }, null)),
  chunk({}, "stop"),
  `${chunk({}, null, { prompt_tokens: 500, completion_tokens: CHUNKS, total_tokens: 500 + CHUNKS })}data: [DONE]\n\n`,
];

/** A plain question of about `bytes` in any client's API. */
export function questionBody(client: ClientFormat, model: string, bytes: number, stream: boolean): string {
  const [system, text] = [prose(400), prose(bytes - 600)];
  const messages = [{ role: "user", content: text }];
  switch (client) {
    case "openai":
    case "ollama":
      return JSON.stringify({ model, stream, messages: [{ role: "system", content: system }, ...messages] });
    case "anthropic":
      return JSON.stringify({ model, stream, max_tokens: 1024, system, messages });
    case "openai-responses":
      return JSON.stringify({ model, stream, instructions: system, input: text });
    case "openai-completions":
      return JSON.stringify({ model, stream, prompt: text });
    case "ollama-generate":
      return JSON.stringify({ model, stream, system, prompt: text });
    case "gemini":
      return JSON.stringify({
        systemInstruction: { parts: [{ text: system }] },
        contents: [{ role: "user", parts: [{ text }] }],
      });
  }
}
