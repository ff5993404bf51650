type Json = Record<string, unknown>;

/** What is tried, in no API's words. */
export interface Trial {
  client: ClientName;
  model: string;
  prompt: string;
  hasTool: boolean;
  hasImage: boolean;
}

export const CLIENTS = [
  { name: "openai", words: "OpenAI chat" },
  { name: "openai-responses", words: "OpenAI responses" },
  { name: "anthropic", words: "Anthropic" },
  { name: "gemini", words: "Gemini" },
  { name: "ollama", words: "Ollama" },
] as const;
export type ClientName = (typeof CLIENTS)[number]["name"];

/** One white pixel: the router looks only whether there is an image. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
const PIXEL_URL = `data:image/png;base64,${PIXEL}`;
const TOOL = { name: "get_weather", description: "The weather in a city, now." };
const PARAMETERS = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

/** The body a client of that API would send. */
export function bodyOf(trial: Trial): Json {
  switch (trial.client) {
    case "openai":
      return openai(trial);
    case "openai-responses":
      return responses(trial);
    case "anthropic":
      return anthropic(trial);
    case "gemini":
      return gemini(trial);
    case "ollama":
      return ollama(trial);
  }
}

function openai({ model, prompt, hasTool, hasImage }: Trial): Json {
  const image = { type: "image_url", image_url: { url: PIXEL_URL } };
  return {
    model,
    messages: [{ role: "user", content: hasImage ? [{ type: "text", text: prompt }, image] : prompt }],
    ...(hasTool && { tools: [{ type: "function", function: { ...TOOL, parameters: PARAMETERS } }] }),
  };
}

function responses({ model, prompt, hasTool, hasImage }: Trial): Json {
  const parts = [
    { type: "input_text", text: prompt },
    { type: "input_image", image_url: PIXEL_URL },
  ];
  return {
    model,
    input: hasImage ? [{ role: "user", content: parts }] : prompt,
    ...(hasTool && { tools: [{ type: "function", ...TOOL, parameters: PARAMETERS }] }),
  };
}

function anthropic({ model, prompt, hasTool, hasImage }: Trial): Json {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } };
  return {
    model,
    max_tokens: 1024,
    messages: [{ role: "user", content: hasImage ? [image, { type: "text", text: prompt }] : prompt }],
    ...(hasTool && { tools: [{ ...TOOL, input_schema: PARAMETERS }] }),
  };
}

/** Its clients name the model in the path. */
function gemini({ prompt, hasTool, hasImage }: Trial): Json {
  const image = { inlineData: { mimeType: "image/png", data: PIXEL } };
  return {
    contents: [{ role: "user", parts: [{ text: prompt }, ...(hasImage ? [image] : [])] }],
    ...(hasTool && { tools: [{ functionDeclarations: [{ ...TOOL, parameters: PARAMETERS }] }] }),
  };
}

function ollama({ model, prompt, hasTool, hasImage }: Trial): Json {
  return {
    model,
    messages: [{ role: "user", content: prompt, ...(hasImage && { images: [PIXEL] }) }],
    ...(hasTool && { tools: [{ type: "function", function: { ...TOOL, parameters: PARAMETERS } }] }),
  };
}
