import { asArray, asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";

/** What a tool gave back; `png` is base64. */
export interface ToolOutput {
  id: string;
  name: string;
  text: string;
  png?: string;
}

export interface DialogueTool {
  name: string;
  description: string;
  schema: JsonObject;
}

/** A conversation as a client of one API keeps it: every turn sends all of it again, with what came back in its place. */
export interface Dialogue {
  /** The conversation so far, as a request. */
  body(model: string): JsonObject;
  user(text: string, png?: string): void;
  /** Takes a whole answer as it came over the wire: what the API tells its clients to send back. */
  answered(answer: JsonObject): void;
  results(outputs: ToolOutput[]): void;
}

export type DialogueMaker = (system: string, tools: DialogueTool[]) => Dialogue;

/** The clients that keep a conversation, by their API. */
export const DIALOGUES = {
  openai: chatDialogue,
  "openai-responses": responsesDialogue,
  anthropic: anthropicDialogue,
  ollama: ollamaDialogue,
  gemini: geminiDialogue,
} as const satisfies Record<string, DialogueMaker>;
export type DialogueClient = keyof typeof DIALOGUES;
export const DIALOGUE_CLIENTS = Object.keys(DIALOGUES).filter((name): name is DialogueClient => name in DIALOGUES);

function chatDialogue(system: string, tools: DialogueTool[]): Dialogue {
  const messages: JsonObject[] = [{ role: "system", content: system }];
  const image = (png: string): JsonObject => ({
    type: "image_url",
    image_url: { url: `data:image/png;base64,${png}` },
  });
  return {
    body: (model) => ({ model, messages: [...messages], tools: tools.map(nestedTool) }),
    user(text, png) {
      messages.push({ role: "user", content: png === undefined ? text : [{ type: "text", text }, image(png)] });
    },
    answered: (answer) => void messages.push(asObject(objectsOf(answer["choices"])[0]?.["message"]) ?? {}),
    results(outputs) {
      for (const { id, text } of outputs) messages.push({ role: "tool", tool_call_id: id, content: text });
      // Tool messages are text only: clients send pictures in a user message behind them.
      for (const { png } of outputs) if (png !== undefined) messages.push({ role: "user", content: [image(png)] });
    },
  };
}

function responsesDialogue(instructions: string, tools: DialogueTool[]): Dialogue {
  const input: JsonObject[] = [];
  const image = (png: string): JsonObject => ({ type: "input_image", image_url: `data:image/png;base64,${png}` });
  const said = (text: string): JsonObject => ({ type: "input_text", text });
  return {
    body: (model) => ({
      model,
      instructions,
      input: [...input],
      tools: tools.map(({ name, description, schema }) => ({
        type: "function",
        name,
        description,
        parameters: schema,
      })),
      store: false,
      include: ["reasoning.encrypted_content"],
    }),
    user(text, png) {
      input.push({ role: "user", content: png === undefined ? [said(text)] : [said(text), image(png)] });
    },
    answered: (answer) => void input.push(...objectsOf(answer["output"])),
    results(outputs) {
      for (const { id, text, png } of outputs) {
        const output = png === undefined ? text : [said(text), image(png)];
        input.push({ type: "function_call_output", call_id: id, output });
      }
    },
  };
}

function anthropicDialogue(system: string, tools: DialogueTool[]): Dialogue {
  const messages: JsonObject[] = [];
  const image = (data: string): JsonObject => ({
    type: "image",
    source: { type: "base64", media_type: "image/png", data },
  });
  const said = (text: string): JsonObject => ({ type: "text", text });
  return {
    body: (model) => ({
      model,
      max_tokens: 4000,
      system: [said(system)],
      messages: [...messages],
      tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
    }),
    user(text, png) {
      const content = png === undefined ? [said(text)] : [said(text), image(png)];
      const last = messages.at(-1);
      // A word after tool results stands in the same turn.
      if (last?.["role"] === "user") last["content"] = [...(asArray(last["content"]) ?? []), ...content];
      else messages.push({ role: "user", content });
    },
    answered: (answer) => void messages.push({ role: "assistant", content: answer["content"] ?? [] }),
    results(outputs) {
      const content = outputs.map(({ id, text, png }): JsonObject => {
        const parts = png === undefined ? text : [said(text), image(png)];
        return { type: "tool_result", tool_use_id: id, content: parts };
      });
      messages.push({ role: "user", content });
    },
  };
}

function ollamaDialogue(system: string, tools: DialogueTool[]): Dialogue {
  const messages: JsonObject[] = [{ role: "system", content: system }];
  return {
    body: (model) => ({ model, messages: [...messages], tools: tools.map(nestedTool), stream: false }),
    user: (content, png) => void messages.push({ role: "user", content, ...(png !== undefined && { images: [png] }) }),
    answered: (answer) => void messages.push(asObject(answer["message"]) ?? {}),
    results(outputs) {
      for (const { id, name, text, png } of outputs) {
        const images = png === undefined ? {} : { images: [png] };
        messages.push({ role: "tool", content: text, tool_name: name, tool_call_id: id, ...images });
      }
    },
  };
}

function geminiDialogue(system: string, tools: DialogueTool[]): Dialogue {
  const contents: JsonObject[] = [];
  const image = (data: string): JsonObject => ({ inlineData: { mimeType: "image/png", data } });
  return {
    body: () => ({
      systemInstruction: { parts: [{ text: system }] },
      contents: [...contents],
      tools: [
        {
          functionDeclarations: tools.map(({ name, description, schema }) => ({
            name,
            description,
            parametersJsonSchema: schema,
          })),
        },
      ],
    }),
    user(text, png) {
      contents.push({ role: "user", parts: [{ text }, ...(png === undefined ? [] : [image(png)])] });
    },
    answered: (answer) => void contents.push(asObject(objectsOf(answer["candidates"])[0]?.["content"]) ?? {}),
    results(outputs) {
      const parts = outputs.map(({ id, name, text, png }): JsonObject => {
        const more = png === undefined ? {} : { parts: [image(png)] };
        return { functionResponse: { id, name, response: { output: text }, ...more } };
      });
      contents.push({ role: "user", parts });
    },
  };
}

function nestedTool({ name, description, schema }: DialogueTool): JsonObject {
  return { type: "function", function: { name, description, parameters: schema } };
}

/** The calls of a whole answer, as the client of its API knows them. */
export function callsOf(client: DialogueClient, answer: JsonObject): { id: string; name: string }[] {
  const named = (id: unknown, name: unknown) => ({ id: String(id), name: String(name) });
  const functions = (message: JsonObject | undefined) =>
    objectsOf(message?.["tool_calls"]).map((call) => named(call["id"], asObject(call["function"])?.["name"]));
  switch (client) {
    case "openai":
      return functions(asObject(objectsOf(answer["choices"])[0]?.["message"]));
    case "ollama":
      return functions(asObject(answer["message"]));
    case "openai-responses":
      return ofType(answer["output"], "function_call").map((item) => named(item["call_id"], item["name"]));
    case "anthropic":
      return ofType(answer["content"], "tool_use").map((block) => named(block["id"], block["name"]));
    case "gemini": {
      const parts = objectsOf(asObject(objectsOf(answer["candidates"])[0]?.["content"])?.["parts"]);
      const calls = parts.map((part) => asObject(part["functionCall"])).filter((call) => call !== undefined);
      return calls.map((call) => named(call["id"], call["name"]));
    }
  }
}

function ofType(list: JsonObject[string], type: string): JsonObject[] {
  return objectsOf(list).filter((entry) => asString(entry["type"]) === type);
}
