import { type Part, textOf } from "../../../../core/part.ts";
import type { Message } from "../../../../core/request.ts";
import { askingCase, type Earlier, excerpt, good, poor, question } from "../deep-case.ts";
import { callsIn, weatherTool } from "./weather-tool.ts";

const ANSWERED = "It is 21 degrees and sunny.";

/** The way back: what a tool gave goes to the model, with its own call before it. */
export const toolResult = askingCase({
  name: "result",
  usualOutput: 40,
  feature: "function_tools",
  capability: "tools",
  refusedMeans: (model) => `agents stop after their first tool call to ${model}: see its words`,
  request: (model, earlier) => {
    const asked = question(model, 'How warm is it in Paris? Please call tool get_weather {"city": "Paris"}', {
      tools: [weatherTool],
    });
    return { ...asked, messages: [...asked.messages, ...callAndResult(earlier)] };
  },
  judge({ response }) {
    const text = textOf(response.parts);
    if (/21/.test(text)) return good("it used what the tool gave back");
    if (callsIn(response).length > 0)
      return poor("it called the tool again instead of answering", "agents may go in circles");
    return poor(`it did not use what the tool gave back: ${excerpt(text)}`);
  },
});

/** The model's own call, with whatever state belongs to it, where it made one; else one made up. */
function callAndResult({ call }: Earlier): Message[] {
  const made: Part = {
    type: "tool-call",
    id: "call_doctor_1",
    name: weatherTool.name,
    arguments: '{"city":"Paris"}',
    kind: "function",
  };
  const parts = call?.parts ?? [made];
  const results = parts.flatMap((part): Part[] => {
    if (part.type !== "tool-call") return [];
    return [
      {
        type: "tool-result",
        callId: part.id,
        name: part.name,
        parts: [{ type: "text", text: ANSWERED }],
        isError: false,
      },
    ];
  });
  return [
    { role: "assistant", parts: [...parts] },
    { role: "tool", parts: results },
  ];
}
