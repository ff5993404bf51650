import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { type Message, Ollama } from "ollama";
import OpenAI from "openai";
import { type Fleet, modelFor, PROVIDER_FORMATS, type ProviderFormat, startFleet } from "../support/fleet.ts";

// The SDKs as their users write them, typed parameters and all, with nothing between them and the router.
const WEATHER = { type: "object" as const, properties: { place: { type: "string" } }, required: ["place"] };
const RESULT = "sunny-4711";

describe("official SDKs", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
    // A model that asks for the weather and then tells it.
    fleet.answer((request) =>
      request.raw.includes(RESULT)
        ? { text: "It is sunny.", usage: { input: 40, output: 4 } }
        : { toolCalls: [{ id: "call_w1", name: "weather", args: '{"place":"Köln"}' }] },
    );
  });
  after(() => fleet.close());

  for (const provider of PROVIDER_FORMATS.filter((format) => format !== "simulated")) {
    for (const stream of [false, true]) {
      const mode = stream ? "streamed" : "whole";
      const model = modelFor(provider).asked;
      test(`openai, chat tool loop over ${provider}, ${mode}`, () => chatLoop(fleet.router.url, model, stream));
      test(`openai, responses tool loop over ${provider}, ${mode}`, () =>
        responsesLoop(fleet.router.url, model, stream));
      test(`anthropic, tool loop over ${provider}, ${mode}`, () => messagesLoop(fleet.router.url, model, stream));
      test(`ollama, tool loop over ${provider}, ${mode}`, () => ollamaLoop(fleet.router.url, model, stream));
    }
    test(`anthropic, the SDK's own tool runner over ${provider}`, () =>
      toolRunner(fleet.router.url, modelFor(provider).asked));
  }

  for (const provider of PROVIDER_FORMATS) {
    test(`content comes as it is made over ${provider}`, () => firstContent(fleet, provider));
  }
});

async function chatLoop(url: string, model: string, stream: boolean): Promise<void> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "k", maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "weather?" }];
  const tools: OpenAI.ChatCompletionTool[] = [{ type: "function", function: { name: "weather", parameters: WEATHER } }];
  const ask = async (): Promise<OpenAI.ChatCompletion> =>
    stream
      ? client.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
      : client.chat.completions.create({ model, messages, tools });
  const first = (await ask()).choices[0]?.message;
  const call = first?.tool_calls?.[0];
  ok(first && call?.type === "function");
  deepEqual(JSON.parse(call.function.arguments), { place: "Köln" });
  messages.push(first, { role: "tool", tool_call_id: call.id, content: RESULT });
  equal((await ask()).choices[0]?.message.content, "It is sunny.");
}

async function responsesLoop(url: string, model: string, stream: boolean): Promise<void> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "k", maxRetries: 0 });
  const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "weather?" }];
  const tools: OpenAI.Responses.Tool[] = [{ type: "function", name: "weather", parameters: WEATHER, strict: false }];
  const ask = async (): Promise<OpenAI.Responses.Response> =>
    stream
      ? client.responses.stream({ model, input, tools }).finalResponse()
      : client.responses.create({ model, input, tools });
  const first = await ask();
  const call = first.output.find((item) => item.type === "function_call");
  ok(call);
  deepEqual(JSON.parse(call.arguments), { place: "Köln" });
  input.push(call, { type: "function_call_output", call_id: call.call_id, output: RESULT });
  equal((await ask()).output_text, "It is sunny.");
}

async function messagesLoop(url: string, model: string, stream: boolean): Promise<void> {
  const client = new Anthropic({ baseURL: url, apiKey: "k", maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "weather?" }];
  const tools: Anthropic.Tool[] = [{ name: "weather", input_schema: WEATHER }];
  const ask = async (): Promise<Anthropic.Message> =>
    stream
      ? client.messages.stream({ model, max_tokens: 500, messages, tools }).finalMessage()
      : client.messages.create({ model, max_tokens: 500, messages, tools });
  const first = await ask();
  equal(first.stop_reason, "tool_use");
  const call = first.content.find((block) => block.type === "tool_use");
  ok(call);
  deepEqual(call.input, { place: "Köln" });
  messages.push(
    { role: "assistant", content: first.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: RESULT }] },
  );
  const second = await ask();
  deepEqual(
    second.content.map((block) => block.type === "text" && block.text),
    ["It is sunny."],
  );
  equal(second.usage.output_tokens, 4);
}

/** Begins with a server-side thread, which a router has not: it must be told so in the way the SDK recovers from. */
async function toolRunner(url: string, model: string): Promise<void> {
  const client = new Anthropic({ baseURL: url, apiKey: "k", maxRetries: 0 });
  const final = await client.beta.messages.toolRunner({
    model,
    max_tokens: 500,
    messages: [{ role: "user", content: "weather?" }],
    tools: [
      {
        name: "weather",
        input_schema: WEATHER,
        description: "tells the weather",
        parse: (input: unknown) => input,
        run: async () => RESULT,
      },
    ],
  });
  const said = final.content.map((block) => (block.type === "text" ? block.text : ""));
  equal(said.join(""), "It is sunny.");
}

async function ollamaLoop(url: string, model: string, stream: boolean): Promise<void> {
  const client = new Ollama({ host: url });
  const messages: Message[] = [{ role: "user", content: "weather?" }];
  const tools = [{ type: "function", function: { name: "weather", parameters: WEATHER } }];
  const ask = async (): Promise<Message> => {
    if (!stream) return (await client.chat({ model, messages, tools })).message;
    const whole: Message = { role: "assistant", content: "" };
    for await (const part of await client.chat({ model, messages, tools, stream: true })) {
      whole.content += part.message.content;
      if (part.message.tool_calls) whole.tool_calls = part.message.tool_calls;
    }
    return whole;
  };
  const first = await ask();
  const call = first.tool_calls?.[0];
  ok(call);
  deepEqual(call.function.arguments, { place: "Köln" });
  messages.push(first, { role: "tool", tool_name: "weather", content: RESULT });
  equal((await ask()).content, "It is sunny.");
}

/** The first word is there long before the last: nothing on the way waits for the whole. */
async function firstContent(fleet: Fleet, provider: ProviderFormat): Promise<void> {
  fleet.answer({ text: "word ".repeat(60), stream: { paceMs: 15 } });
  const client = new Anthropic({ baseURL: fleet.router.url, apiKey: "k", maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "tell me a story" }];
  const started = performance.now();
  let first: number | undefined;
  const stream = client.messages.stream({ model: modelFor(provider).asked, max_tokens: 500, messages });
  stream.on("text", () => {
    first ??= performance.now() - started;
  });
  await stream.finalMessage();
  const all = performance.now() - started;
  ok(first !== undefined);
  if (provider !== "simulated") ok(first < all / 2, `first content after ${first} of ${all} ms`);
}
