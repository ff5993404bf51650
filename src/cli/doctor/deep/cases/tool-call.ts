import { textOf } from "../../../../core/part.ts";
import { askingCase, excerpt, good, poor, question } from "../deep-case.ts";
import { callsIn, citiesOf, weatherTool } from "./weather-tool.ts";

export const toolCall = askingCase({
  name: "tool",
  usualOutput: 60,
  feature: "function_tools",
  capability: "tools",
  refusedMeans: (model) => `agents cannot use ${model}: route requests with tools to another model`,
  request: (model) =>
    question(model, 'What is the weather in Paris? Please call tool get_weather {"city": "Paris"}', {
      tools: [weatherTool],
    }),
  judge({ response }, { earlier }) {
    const calls = callsIn(response);
    if (calls.length === 0)
      return poor(
        `the model called no tool: ${excerpt(textOf(response.parts))}`,
        "too small for agents? try another with --model",
      );
    if (citiesOf(calls) === undefined)
      return poor(
        "it called a tool that is not there, or with arguments that are not the tool's",
        "agents will stumble over that",
      );
    earlier.call = response;
    return good("it called the tool as asked");
  },
});
